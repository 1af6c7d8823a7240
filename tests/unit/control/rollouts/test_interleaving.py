"""
Somebody else acts in the middle of every call of a rollout: nothing is undone, or done twice.

The lease of whoever is in the middle of its call has always run out, so that only the revisions of
state and alias hold.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.support.rollout_gate import DIE_AFTER, DIE_BEFORE, FAULTS, Gate
from tests.support.rollout_scenarios import (
    AT_REST,
    DONE,
    SCENARIOS,
    Command,
    Scenario,
    all_agree,
    never_wrong,
    run,
    started,
)
from tests.support.rollout_store import FakeRollouts
from tests.support.rollout_world import Operator, World, good
from wherry.errors import WherryError
from wherry_control.functions import Traffic
from wherry_control.rollouts.state import PROMOTED
from wherry_control.rollouts.store import LEASE, Kept


def _others(*commands: Command) -> Callable[[World], None]:
    """Another process, after the lease of the one in the middle of its call has run out."""

    def act(world: World) -> None:
        world.later(LEASE)
        for command in commands:
            with suppress(WherryError):
                command(world.controller())

    return act


def _rolls_back(world: World) -> None:
    with suppress(WherryError):
        world.by_hand().rollback("iris")


OTHERS = {
    "another controller ticks": _others(lambda each: each.tick("iris")),
    "another controller ticks on to the end": _others(*[lambda each: each.tick("iris")] * 6),
    "somebody aborts": _others(lambda each: each.abort("iris")),
    "somebody promotes": _others(lambda each: each.promote("iris")),
    "somebody rolls back": _rolls_back,
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("name", ["good", "bad", "deadline"])
def test_what_others_do_in_the_middle_of_any_call_is_never_undone_or_done_twice(
    name: str, other: str
) -> None:
    """The lease has run out, so that only the revisions hold."""
    learnt = Gate()
    run(SCENARIOS[name], learnt, never_wrong)
    for number in range(1, len(learnt.names)):
        _ends_well(_met(SCENARIOS[name], {number: OTHERS[other]}, {}))


@settings(max_examples=40, deadline=None)
@given(
    name=some.sampled_from(["good", "bad", "deadline"]),
    others=some.dictionaries(some.integers(1, 60), some.sampled_from(sorted(OTHERS)), max_size=4),
    faults=some.dictionaries(some.integers(0, 60), some.sampled_from(FAULTS), max_size=4),
)
def test_many_others_and_many_faults_together_leave_one_truth(
    name: str, others: dict[int, str], faults: dict[int, str]
) -> None:
    acts = {number: OTHERS[other] for number, other in others.items()}

    _ends_well(_met(SCENARIOS[name], acts, faults))


def _ends_well(world: World) -> None:
    last = world.ledger.entries("iris")[-1]
    assert last.after == world.traffic
    if world.state.phase == PROMOTED and last.action == "rollback":
        assert world.traffic == AT_REST  # by hand, and after the promotion was told
    else:
        all_agree(world)


def _met(
    scenario: Scenario, acts: Mapping[int, Callable[[World], None]], faults: Mapping[int, str]
) -> World:
    gate = Gate(faults)

    def make() -> World:
        world = scenario.make()
        gate.meanwhile = {number: partial(act, world) for number, act in acts.items()}
        return world

    return run(replace(scenario, make=make), gate, never_wrong)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_tick_that_reads_any_earlier_state_changes_nothing(name: str) -> None:
    """A worker that slept through the rollout, or a store that tells the past."""
    world = run(SCENARIOS[name], Gate(), never_wrong)
    moves, history, state = list(world.functions.moves), world.history, world.state
    for past in world.seen("load"):
        controller = world.controller()
        stale: Any = Reading(world.store, past)

        replace(controller, store=stale).tick("iris")

        assert (world.functions.moves, world.history, world.state) == (moves, history, state)


class Reading:
    """A store of which the first read is of the past."""

    def __init__(self, store: FakeRollouts, past: Kept) -> None:
        self._store = store
        self._past = [past]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def load(self, model: str) -> Kept | None:
        return self._past.pop() if self._past else self._store.load(model)


@pytest.mark.parametrize("fault", ["", DIE_BEFORE, DIE_AFTER])
def test_where_a_hand_put_the_alias_in_the_middle_of_any_call_it_stays(fault: str) -> None:
    """Also if the controller dies of it, with its own move still to be made."""
    learnt, elsewhere = Gate(), Traffic("3")
    run(SCENARIOS["good"], learnt, never_wrong)
    for number in range(5, len(learnt.names)):  # once a rollout has begun
        world = _moved_by_hand(number, fault, elsewhere)

        assert world.traffic == elsewhere
        assert world.state.phase == "held" or DONE in world.functions.moves
        assert len({entry.key for entry in world.ledger.entries("iris")}) == len(world.history)


def _moved_by_hand(number: int, fault: str, to: Traffic) -> World:
    world = World(good)
    gate = Gate({number: fault}, {number: lambda: world.hand(to)})
    operator = Operator(world, gate)
    operator.does(lambda rollouts: started(rollouts, world, gate))
    for _ in range(8):
        operator.does(lambda rollouts: rollouts.tick("iris"))
    return world
