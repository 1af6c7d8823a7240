"""
Kill the controller at every call of a rollout, and in every way: it converges, nothing is doubled.

A rollout is run once without faults to learn its calls and its outcome. Then it is run again for
each call and each fault, with a new controller whenever one was killed; and again with somebody
else acting in the middle of each call.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.support.rollout_store import FakeRollouts
from tests.support.rollout_world import (
    ANCIENT,
    DIE_AFTER,
    DIE_BEFORE,
    FAULTS,
    PLAN,
    STALE,
    Gate,
    Operator,
    World,
    bad,
    good,
    nothing,
)
from wherry.errors import ConflictError, WherryError
from wherry_control.functions import Traffic
from wherry_control.rollouts.controller import LEASE, RolloutController
from wherry_control.rollouts.state import PROMOTED
from wherry_control.rollouts.store import Kept

Command = Callable[[RolloutController], object]
AT_REST, TENTH, HALF, DONE = (
    Traffic("1"),
    Traffic("1", "2", 10),
    Traffic("1", "2", 50),
    Traffic("2"),
)
LATE, READS = (STALE, ANCIENT), ("live", "load")
EVERY = 600  # seconds between two ticks
ENDS = replace(PLAN, deadline_minutes=30)
HOLDS = replace(PLAN, deadline_minutes=30, hold_minutes=30, at_deadline="hold")


@dataclass(frozen=True)
class Scenario:
    """A rollout: the world that it happens in, and what people say once after which action."""

    make: Callable[[], World]
    moves: tuple[Traffic, ...]
    actions: tuple[str, ...]
    says: tuple[tuple[str, Command], ...] = ()


SCENARIOS = {
    "good": Scenario(
        lambda: World(good), (TENTH, HALF, DONE), ("start", "step", "step", "promote")
    ),
    "bad": Scenario(lambda: World(bad), (TENTH, AT_REST), ("start", "step", "rollback")),
    "refused": Scenario(lambda: World(good, refuses="wrong label"), (), ("start", "refuse")),
    "aborted": Scenario(
        lambda: World(nothing),
        (TENTH, AT_REST),
        ("start", "step", "rollback"),
        (("step", lambda rollouts: rollouts.abort("iris")),),
    ),
    "promoted by hand": Scenario(
        lambda: World(nothing),
        (TENTH, DONE),
        ("start", "step", "promote"),
        (("step", lambda rollouts: rollouts.promote("iris")),),
    ),
    "paused, resumed": Scenario(
        lambda: World(nothing, plan=ENDS),
        (TENTH, AT_REST),
        ("start", "step", "pause", "resume", "rollback"),
        (
            ("step", lambda rollouts: rollouts.pause("iris")),
            ("pause", lambda rollouts: rollouts.resume("iris")),
        ),
    ),
    "deadline": Scenario(
        lambda: World(nothing, plan=HOLDS),
        (TENTH, AT_REST),
        ("start", "step", "hold", "rollback"),
    ),
}


def run(scenario: Scenario, gate: Gate, check: Callable[[World], None]) -> World:
    """The whole rollout through a gate, checked after each command."""
    world = scenario.make()
    operator = Operator(world, gate)
    operator.does(lambda rollouts: _started(rollouts, world))
    check(world)
    says = dict(scenario.says)
    for _ in range(60):
        told = says.pop(world.last_action, None)
        if told is not None:
            operator.does(told)
            check(world)
        tick = operator.does(lambda rollouts: rollouts.tick("iris"))
        check(world)
        world.later(EVERY)
        if tick.done and world.state.done:
            return world
    raise AssertionError(f"it never ended: {world.state}")


def _started(rollouts: RolloutController, world: World) -> object:
    """A start whose answer was lost is told that the rollout runs; then it has started."""
    try:
        return rollouts.start("iris", world.plan, candidate="2")
    except ConflictError:
        return world.state


def never_wrong(world: World) -> None:
    """What holds at every moment."""
    keys = [entry.key for entry in world.ledger.entries("iris")]
    assert len(keys) == len(set(keys))
    assert all(traffic in (AT_REST, TENTH, HALF, DONE) for traffic in world.functions.moves)
    weights = [traffic.weight for traffic in world.functions.moves if traffic.is_split]
    assert weights == sorted(set(weights))
    assert world.refuses == "" or world.functions.moves == []
    if world.functions.moves:
        assert world.preflights, "nothing moves before the preflight"


def all_agree(world: World) -> None:
    """What holds at the end: alias, state and ledger tell the same."""
    assert world.traffic == (DONE if world.state.phase == PROMOTED else AT_REST)
    assert world.state.expected == world.traffic
    last = world.ledger.entries("iris")[-1]
    assert last.after == world.traffic
    assert last.key == f"{world.state.rollout}/{world.state.transitions}"


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
        world = _met(SCENARIOS[name], number, OTHERS[other])

        last = world.ledger.entries("iris")[-1]
        assert last.after == world.traffic
        if world.state.phase == PROMOTED and last.action == "rollback":
            assert world.traffic == AT_REST  # by hand, and after the promotion was told
        else:
            all_agree(world)


def _met(scenario: Scenario, number: int, act: Callable[[World], None]) -> World:
    gate = Gate()

    def make() -> World:
        world = scenario.make()
        gate.meanwhile = {number: lambda: act(world)}
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
    for number in range(4, len(learnt.names)):
        world = _moved_by_hand(number, fault, elsewhere)

        assert world.traffic == elsewhere
        assert world.state.phase == "held" or DONE in world.functions.moves
        assert len({entry.key for entry in world.ledger.entries("iris")}) == len(world.history)


def _moved_by_hand(number: int, fault: str, to: Traffic) -> World:
    world = World(good)
    gate = Gate({number: fault}, {number: lambda: world.hand(to)})
    operator = Operator(world, gate)
    operator.does(lambda rollouts: _started(rollouts, world))
    for _ in range(8):
        operator.does(lambda rollouts: rollouts.tick("iris"))
    return world
