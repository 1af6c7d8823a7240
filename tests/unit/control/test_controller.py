"""The rollout commands over a fake Lambda: what moves, in which order, what survives a failure."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.fake_lambda import FakeLambda
from tests.support.fake_ledger import FakeLedger
from tests.support.functions_contract import DeployedFunction, FunctionsContract
from wherry.errors import CloudError, ConflictError, RefusedError
from wherry_control.controller import Rollouts
from wherry_control.functions import FunctionVersion, Live, Traffic
from wherry_control.releases import Release

FUNCTION = "wherry-dev-iris"
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def fake_lambda(releases: int = 3) -> FakeLambda:
    functions = FakeLambda(FUNCTION)
    for number in range(1, releases + 1):
        told = {"WHERRY_MODEL_VERSION": str(number), "WHERRY_DIGEST": f"sha256:{number:064}"}
        functions.publish(FunctionVersion(str(number), environment=told))
    return functions


class Checks:
    """A check that remembers whom it saw, and refuses whom it is told to."""

    def __init__(self, *refused: str) -> None:
        self.seen: list[str] = []
        self._refused = refused

    def __call__(self, model: str, function: str, release: Release) -> None:
        assert (model, function) == ("iris", FUNCTION)
        self.seen.append(release.release)
        if release.release in self._refused:
            raise RefusedError("golden", "wrong label")


def rollouts(functions: FakeLambda, **parts: Any) -> Rollouts:
    defaults: dict[str, Any] = {
        "functions": functions,
        "ledger": FakeLedger(),
        "check": Checks(),
        "function": "wherry-dev-{}".format,
        "clock": lambda: NOW,
    }
    return Rollouts(**{**defaults, **parts})


class TestFakeLambda(FunctionsContract):
    @pytest.fixture
    def deployed(self) -> DeployedFunction:
        return DeployedFunction(fake_lambda(2), FUNCTION, "1", "2")


def test_set_checks_the_candidate_then_moves_then_writes_it_down() -> None:
    functions, ledger, check = fake_lambda(), FakeLedger(), Checks()

    outcome = rollouts(functions, ledger=ledger, check=check).set_weight("iris", 10, "2")

    assert outcome.moved
    assert check.seen == ["2"]
    assert functions.moves == [Traffic("1", "2", 10)]
    assert [(item.action, item.after) for item in ledger.entries("iris")] == [
        ("found", Traffic("1")),
        ("set", Traffic("1", "2", 10)),
    ]
    assert ledger.entries("iris")[-1].digest == f"sha256:{2:064}"
    assert ledger.entries("iris")[-1].revision == functions.live(FUNCTION).revision


def test_a_candidate_that_fails_its_check_gets_no_traffic_and_no_entry() -> None:
    functions, ledger = fake_lambda(), FakeLedger()

    with pytest.raises(RefusedError):
        rollouts(functions, ledger=ledger, check=Checks("3")).set_weight("iris", 10)

    assert functions.moves == []
    assert ledger.entries("iris") == []


def test_promote_checks_again() -> None:
    functions = fake_lambda()
    rollouts(functions).set_weight("iris", 10, "2")

    with pytest.raises(RefusedError):
        rollouts(functions, check=Checks("2")).promote("iris")

    assert functions.live(FUNCTION).traffic == Traffic("1", "2", 10)


def test_a_dry_run_checks_and_shows_but_moves_nothing() -> None:
    functions, ledger, check = fake_lambda(), FakeLedger(), Checks()
    controller = rollouts(functions, ledger=ledger, check=check, dry_run=True)

    outcome = controller.set_weight("iris", 10)

    assert not outcome.moved
    assert outcome.change.after == Traffic("1", "3", 10)
    assert check.seen == ["3"]
    assert functions.moves == []
    assert ledger.entries("iris") == []


def test_a_second_time_the_same_is_done_already() -> None:
    functions, check = fake_lambda(), Checks()
    controller = rollouts(functions, check=check)
    controller.set_weight("iris", 10)

    outcome = controller.set_weight("iris", 10)

    assert not outcome.moved
    assert len(functions.moves) == len(check.seen) == 1


def test_rollback_in_mid_rollout_is_one_move_without_check_releases_or_ledger() -> None:
    class OnlyTheAlias(FakeLambda):
        def versions(self, function: str) -> list[FunctionVersion]:
            raise CloudError(function, "no permission to list versions")

    functions, ledger = OnlyTheAlias(FUNCTION), FakeLedger()
    for number in ("1", "2"):
        functions.publish(FunctionVersion(number))
    live = functions.live(FUNCTION)
    functions.move(FUNCTION, Traffic("1", "2", 50), revision=live.revision)
    ledger.broken = True

    outcome = rollouts(functions, ledger=ledger, check=Checks("1", "2")).rollback("iris")

    assert outcome.moved
    assert functions.moves[1:] == [Traffic("1")]
    assert "the ledger does not know it yet" in outcome.warning


def test_rollback_at_rest_returns_step_by_step_and_ends_with_a_refusal() -> None:
    functions = fake_lambda()
    controller = rollouts(functions)
    for candidate in ("2", "3"):
        controller.set_weight("iris", 10, candidate)
        controller.promote("iris")

    assert controller.rollback("iris").change.after == Traffic("2")
    assert controller.rollback("iris", again=True).change.after == Traffic("1")
    with pytest.raises(RefusedError, match="no release that was live before"):
        controller.rollback("iris", again=True)
    assert functions.live(FUNCTION).traffic == Traffic("1")


def test_a_move_that_the_ledger_missed_is_entered_as_found_by_the_next_command() -> None:
    """A command killed between the move and the entry, or a hand in the console."""
    functions, ledger = fake_lambda(), FakeLedger()
    controller = rollouts(functions, ledger=ledger)
    controller.set_weight("iris", 10, "2")
    functions.move(FUNCTION, Traffic("2"), revision=functions.live(FUNCTION).revision)

    controller.set_weight("iris", 10, "3")

    assert [(item.action, str(item.after.stable)) for item in ledger.entries("iris")] == [
        ("found", "1"),
        ("set", "1"),
        ("found", "2"),
        ("set", "2"),
    ]


def test_a_rollback_knows_a_promotion_that_the_ledger_missed() -> None:
    functions = fake_lambda(2)
    controller = rollouts(functions)
    controller.set_weight("iris", 10)
    functions.move(FUNCTION, Traffic("2"), revision=functions.live(FUNCTION).revision)

    assert controller.rollback("iris").change.after == Traffic("1")


class MovedMeanwhile(Checks):
    """Somebody else moves the alias while the candidate is being checked."""

    def __init__(self, functions: FakeLambda, to: Traffic) -> None:
        super().__init__()
        self._functions = functions
        self._to = to

    def __call__(self, model: str, function: str, release: Release) -> None:
        super().__call__(model, function, release)
        live = self._functions.live(function)
        self._functions.move(function, self._to, revision=live.revision)


def test_a_conflict_is_told_and_never_overwritten() -> None:
    functions, ledger = fake_lambda(), FakeLedger()
    check = MovedMeanwhile(functions, Traffic("1", "2", 5))

    with pytest.raises(ConflictError, match="somebody else moved it"):
        rollouts(functions, ledger=ledger, check=check).set_weight("iris", 10)

    assert functions.live(FUNCTION).traffic == Traffic("1", "2", 5)
    assert ledger.entries("iris") == []


def test_a_move_whose_answer_was_lost_counts_as_made() -> None:
    """boto3 repeats the call, and the repetition meets the revision that the first one made."""

    class LostAnswer(FakeLambda):
        def move(self, function: str, wanted: Traffic, *, revision: str) -> Live:
            super().move(function, wanted, revision=revision)
            raise ConflictError(function, "somebody else changed it")

    functions = LostAnswer(FUNCTION)
    for number in ("1", "2"):
        functions.publish(FunctionVersion(number))

    assert rollouts(functions).set_weight("iris", 10).moved


def test_the_ledger_s_times_go_forward_also_for_what_was_found() -> None:
    ledger = FakeLedger()
    ticks = iter(NOW + timedelta(seconds=second) for second in range(9))

    rollouts(fake_lambda(), ledger=ledger, clock=lambda: next(ticks)).set_weight("iris", 10, "2")

    times = [item.at for item in ledger.entries("iris")]
    assert len(times) == 2
    assert times == sorted(times)
