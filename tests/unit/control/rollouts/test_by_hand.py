"""The commands that move the alias by hand, while a rollout moves it by itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.rollout_gate import DIE_AFTER, Gate, Killed
from tests.support.rollout_world import World, nothing, started
from wherry.errors import CloudError, RefusedError
from wherry_control.functions import Traffic
from wherry_control.rollouts.controller import RolloutController


def rolling(world: World) -> RolloutController:
    """A rollout of release 2, at its first step."""
    controller = started(world)
    controller.tick("iris")
    return controller


def test_no_hand_moves_the_alias_while_a_rollout_does_so_by_itself() -> None:
    world = World(nothing)
    rolling(world)

    said = "`wherry rollout pause iris` or"
    with pytest.raises(RefusedError, match=said):
        world.by_hand().set_weight("iris", 50)
    with pytest.raises(RefusedError, match=said):
        world.by_hand().promote("iris")

    assert world.traffic == Traffic("1", "2", 10)


def test_a_paused_rollout_is_moved_by_hand_and_follows() -> None:
    world = World(nothing)
    controller = rolling(world)
    controller.pause("iris")

    assert world.by_hand().set_weight("iris", 50).moved
    assert controller.tick("iris").state.phase == "held"
    assert world.by_hand().promote("iris").moved
    assert controller.tick("iris").state.phase == "promoted"


def test_a_hand_that_moved_the_alias_and_moved_it_back_leaves_no_evidence_of_two_weights() -> None:
    """Between two turns: the traffic is as it was left, and only the revision tells."""
    world = World(nothing)
    controller = rolling(world)
    began = world.state.since
    world.later(30)
    controller.tick("iris")
    assert world.state.since == began
    world.hand(Traffic("1", "2", 50))
    world.later(30)
    world.hand(Traffic("1", "2", 10))

    controller.tick("iris")
    again = world.state
    world.later(30)
    controller.tick("iris")

    assert (again.phase, again.since) == ("step", world.clock() - timedelta(seconds=30))
    assert world.state.since == again.since


def test_a_rollback_ends_the_rollout_and_is_told_once_with_its_name() -> None:
    world = World(nothing)
    controller = rolling(world)

    outcome = world.by_hand().rollback("iris")

    assert (outcome.moved, outcome.warning) == (True, "")
    assert (world.state.phase, world.state.done) == ("rolled_back", True)
    told = world.ledger.entries("iris")[-1]
    assert (told.action, told.rollout, told.reason) == (
        "rollback",
        world.state.rollout,
        "rolled back by hand",
    )
    assert controller.tick("iris").done
    assert world.ledger.entries("iris")[-1] == told


@pytest.mark.parametrize("broken", ["store", "ledger", "both"])
def test_a_rollback_works_when_all_else_is_broken_and_the_rollout_finds_out(broken: str) -> None:
    world = World(nothing)
    controller = rolling(world)
    commands = world.by_hand()
    if broken != "ledger":
        commands = replace(commands, store=NoStore())
    world.ledger.broken = broken != "store"

    outcome = commands.rollback("iris")
    world.ledger.broken = False

    assert outcome.moved
    assert outcome.warning
    assert world.traffic == Traffic("1")
    assert controller.tick("iris").state.phase == "rolled_back"
    assert world.ledger.entries("iris")[-1].after == Traffic("1")


def test_a_rollback_in_the_middle_of_a_move_tells_that_move_first() -> None:
    """The rollout moved the alias, and was killed before it could tell."""
    world = World(nothing)
    controller = world.controller()
    controller.start("iris", world.plan, candidate="2")
    gate = Gate({5: DIE_AFTER})
    with pytest.raises(Killed):
        world.controller(gate).tick("iris")
    assert gate.names[-1] == "move"

    world.by_hand().rollback("iris")

    assert [action for action, _ in world.history] == ["start", "step", "rollback"]


class NoStore:
    """A table that does not answer."""

    def __getattr__(self, name: str) -> Any:
        def fail(*_given: object) -> None:
            raise CloudError("rollouts", f"no {name}")

        return fail
