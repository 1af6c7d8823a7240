"""A rollback in mid-trial, while a rollout moves the alias at the same moment: it wins."""

from datetime import UTC, datetime

import pytest

from tests.support.fake_lambda import FakeLambda
from tests.support.fake_ledger import FakeLedger
from wherry.errors import ConflictError
from wherry_control.controller import Rollouts
from wherry_control.functions import FunctionVersion, Live, Traffic
from wherry_control.rollouts.moving import ATTEMPTS

FUNCTION = "wherry-dev-iris"


class MovedMeanwhile(FakeLambda):
    """Release 2 is on trial; right before each of the first moves, another one is made."""

    def __init__(self, *meanwhile: Traffic) -> None:
        super().__init__(FUNCTION)
        for number in ("1", "2", "3"):
            self.publish(FunctionVersion(number))
        self.meanwhile: list[Traffic] = []
        self.move(FUNCTION, Traffic("1", "2", 10), revision="revision-0")
        self.meanwhile = list(meanwhile)

    def move(self, function: str, wanted: Traffic, *, revision: str) -> Live:
        if self.meanwhile:
            live = self.live(function)
            super().move(function, self.meanwhile.pop(0), revision=live.revision)
        return super().move(function, wanted, revision=revision)


def rollouts(functions: FakeLambda) -> Rollouts:
    return Rollouts(
        functions=functions,
        ledger=FakeLedger(),
        check=lambda _model, _function, _release: None,
        function="wherry-dev-{}".format,
        clock=lambda: datetime(2026, 11, 20, tzinfo=UTC),
    )


def weights(count: int) -> list[Traffic]:
    return [Traffic("1", "2", 11 + number) for number in range(count)]


@pytest.mark.parametrize("moves", [1, ATTEMPTS - 1])
def test_a_step_at_the_same_moment_is_taken_back_too(moves: int) -> None:
    functions = MovedMeanwhile(*weights(moves))

    outcome = rollouts(functions).rollback("iris")

    assert outcome.moved
    assert outcome.change.before == weights(moves)[-1]
    assert functions.live(FUNCTION).traffic == Traffic("1")


def test_a_rollback_at_the_same_moment_was_the_same() -> None:
    functions = MovedMeanwhile(Traffic("1"))

    assert rollouts(functions).rollback("iris").moved
    assert functions.live(FUNCTION).traffic == Traffic("1")


@pytest.mark.parametrize("other", [Traffic("2"), Traffic("1", "3", 10), Traffic("2", "3", 10)])
def test_another_trial_or_a_promotion_at_the_same_moment_is_left_as_it_is(other: Traffic) -> None:
    functions = MovedMeanwhile(other)

    with pytest.raises(ConflictError, match="decide again"):
        rollouts(functions).rollback("iris")

    assert functions.live(FUNCTION).traffic == other


def test_who_moves_the_alias_all_the_time_is_told_of_at_last() -> None:
    functions = MovedMeanwhile(*weights(ATTEMPTS))

    with pytest.raises(ConflictError):
        rollouts(functions).rollback("iris")

    assert functions.live(FUNCTION).traffic == weights(ATTEMPTS)[-1]
