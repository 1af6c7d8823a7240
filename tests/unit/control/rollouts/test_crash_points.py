"""
Kill the controller at every call of a rollout, and in every way: it converges, nothing is doubled.

A rollout is run once without faults to learn its calls and its outcome. Then it is run again for
each call and each fault, with a new controller whenever one was killed.
"""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.support.rollout_gate import ANCIENT, FAULTS, STALE, Gate
from tests.support.rollout_scenarios import SCENARIOS, all_agree, never_wrong, run
from tests.support.rollout_world import PLAN
from wherry.errors import WherryError

LATE, READS = (STALE, ANCIENT), ("live", "load")


def points() -> Iterator[tuple[str, int, str]]:
    """Every call of every scenario, by each fault."""
    for name, scenario in SCENARIOS.items():
        gate = Gate()
        run(scenario, gate, never_wrong)
        for number in range(len(gate.names)):
            for fault in FAULTS:
                if fault not in LATE or gate.names[number] in READS:
                    yield name, number, fault


@pytest.mark.parametrize("name", SCENARIOS)
def test_without_faults_it_goes_by_the_plan(name: str) -> None:
    scenario = SCENARIOS[name]

    world = run(scenario, Gate(), never_wrong)

    assert tuple(world.functions.moves) == scenario.moves
    assert tuple(action for action, _ in world.history) == scenario.actions
    all_agree(world)


def test_with_a_fault_at_any_call_it_comes_to_the_same_end_by_the_same_moves() -> None:
    """The heart of it: nothing is lost, nothing doubled, whatever call it is."""
    tried = 0
    for name, number, fault in points():
        scenario, tried = SCENARIOS[name], tried + 1
        try:
            world = run(scenario, Gate({number: fault}), never_wrong)
            assert tuple(world.functions.moves) == scenario.moves
            assert tuple(action for action, _ in world.history) == scenario.actions
            all_agree(world)
        except (AssertionError, WherryError) as error:
            raise AssertionError(f"{name}, call {number}, {fault}: {error}") from error
    assert tried > 1000


@settings(max_examples=60, deadline=None)
@given(
    name=some.sampled_from(sorted(SCENARIOS)),
    faults=some.dictionaries(some.integers(0, 60), some.sampled_from(FAULTS), max_size=8),
)
def test_many_faults_in_one_rollout_change_neither_its_end_nor_its_moves(
    name: str, faults: dict[int, str]
) -> None:
    """Also in the calls that mend an earlier one. Time passes, so a deadline may come first."""
    world = run(SCENARIOS[name], Gate(faults), never_wrong)

    all_agree(world)
    if world.plan is PLAN:
        assert tuple(world.functions.moves) == SCENARIOS[name].moves
