"""The store of rollouts: its contract on the fake, and what its JSON refuses."""

from dataclasses import replace
from random import Random

import pytest

from tests.support.rollout_store import FakeRollouts
from tests.support.rollout_store_contract import PLAN, RolloutStoreContract, full
from wherry.errors import CloudError
from wherry_control.evidence.counts import Counts
from wherry_control.judging.verdicts import Stratum
from wherry_control.rollouts.codec import MOST, decoded, encoded, packed, unpacked
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.plan_file import PRESETS, read_plan
from wherry_control.rollouts.state import State


class TestFakeRollouts(RolloutStoreContract):
    @pytest.fixture
    def store(self) -> FakeRollouts:
        return FakeRollouts()


def test_json_of_a_plan_and_a_state_is_their_inverse() -> None:
    assert decoded("", encoded(PLAN), Plan) == PLAN
    assert decoded("", encoded(full("iris")), State) == full("iris")


@pytest.mark.parametrize(
    "text", ["", "{}", encoded(full("iris")).replace('"held"', '"lost"'), encoded(PLAN)]
)
def test_what_is_no_state_is_refused_and_never_guessed(text: str) -> None:
    with pytest.raises(CloudError, match="rollout of iris: it was kept by another Wherry"):
        decoded("rollout of iris", text, State)


def many_bins(bins: int) -> State:
    """A state whose finished step has histograms with that many bins, which pack badly."""
    chance = Random(5)  # noqa: S311 - bins, no secrets
    pairs = {"x": {f"{chance.random()}|{chance.random()}": 1 for _ in range(bins)}}
    counts = Counts(requests=7, errors={"model": 1}, pairs=pairs, latency={"1": 2})
    return replace(full("iris"), closed=(Stratum(0.1, counts, Counts()),))


@pytest.mark.parametrize("preset", PRESETS)
def test_a_plan_that_was_kept_is_the_same(preset: str) -> None:
    """By which a start that is said again knows its own."""
    judge = {"outcome": "", "outcome_range": [0, 1], "distance": 0.25}
    plan = read_plan("", {"preset": preset, "minutes": 3, "judge": judge})

    assert decoded("", encoded(plan), Plan) == plan


def test_a_packed_state_comes_back_whole_and_is_smaller() -> None:
    state = many_bins(500)

    assert unpacked("", packed(state)) == state
    assert len(packed(state)) < len(encoded(state))


def test_a_state_too_large_for_its_table_loses_histograms_of_finished_steps_alone() -> None:
    state = many_bins(25_000)

    assert len(packed(state)) < MOST
    assert unpacked("", packed(state)) == replace(
        state, closed=(Stratum(0.1, Counts(requests=7, errors={"model": 1}), Counts()),)
    )


def test_what_was_packed_by_somebody_else_is_refused() -> None:
    with pytest.raises(CloudError, match="changed by hand"):
        unpacked("rollout of iris", b"{}")
