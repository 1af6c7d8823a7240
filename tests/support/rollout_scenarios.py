"""Whole rollouts as tests run them, what must come of each, and what holds at every moment."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace

from tests.support.rollout_gate import Gate
from tests.support.rollout_world import PLAN, Operator, World, bad, good, nothing
from wherry_control.functions import Traffic
from wherry_control.rollouts.controller import RolloutController
from wherry_control.rollouts.state import PROMOTED

Command = Callable[[RolloutController], object]
AT_REST, TENTH, HALF, DONE = (
    Traffic("1"),
    Traffic("1", "2", 10),
    Traffic("1", "2", 50),
    Traffic("2"),
)
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
    operator.does(lambda rollouts: started(rollouts, world, gate))
    check(world)
    assert world.ticked in ([world.state.rollout], []), "somebody ticks it, once"
    assert world.ticked or world.state.ended, "nobody ticks it"
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


def started(rollouts: RolloutController, world: World, gate: Gate) -> object:
    """
    As `wherry rollout start` does it; a start whose answer was lost is simply repeated.

    Others do not end the rollout in the middle of a repetition: rightly, that would begin another.
    """
    kept = world.store.load("iris")
    if kept is not None and kept.state.ended:
        return kept.state
    with gate.alone() if kept is not None else nullcontext():
        state = rollouts.start("iris", world.plan, candidate="2")
        world.runner(gate).begin(state.rollout, "iris")
    return state


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
