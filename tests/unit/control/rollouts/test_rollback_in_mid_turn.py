"""`wherry rollout rollback` of a rollout that has decided its end, and has not told it yet."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.support.ledger_contract import entry
from tests.support.rollout_gate import DIE_AFTER, DIE_BEFORE, THROTTLED, Gate, Gated, Killed, Past
from tests.support.rollout_world import World, bad, nothing, started
from wherry.errors import CloudError
from wherry_control.functions import Traffic
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.store import LEASE

AT_ONCE = Plan(steps=())  # the first turn promotes
TO = [None, "1"]


def after_three(plan: Plan, *, refuses: str = "") -> World:
    """Release 1 is live, and 3 was before it; a rollout of 2 has begun."""
    world = World(nothing, plan=plan, refuses=refuses)
    world.ledger.append(entry(action="found", after=Traffic("3")))
    world.ledger.append(entry(action="promote", after=Traffic("1")))
    started(world)
    return world


def turn(world: World, faults: Mapping[int, str]) -> str:
    """One turn in which AWS or the process fails; return the last call."""
    gate = Gate(faults)
    try:
        world.controller(gate).tick("iris")
    except (Killed, CloudError):
        world.later(LEASE)
    return gate.names[max(faults)]


@pytest.mark.parametrize("to", TO)
@pytest.mark.parametrize("fault", [DIE_BEFORE, THROTTLED])
def test_a_promotion_that_was_decided_and_not_made_is_never_made(
    to: str | None, fault: str
) -> None:
    world = after_three(AT_ONCE)
    assert turn(world, {5: fault}) == "move"
    assert (world.state.phase, world.traffic) == ("promoted", Traffic("1"))

    outcome = world.by_hand().rollback("iris", to=to)
    world.controller().tick("iris")

    assert (outcome.moved, outcome.ended) == (False, world.state.rollout)
    assert world.traffic == Traffic("1")
    assert (world.state.phase, world.state.done) == ("rolled_back", True)
    assert world.history[-1] == ("rollback", Traffic("1"))


@pytest.mark.parametrize("to", TO)
def test_whoever_is_about_to_promote_at_that_moment_does_not(to: str | None) -> None:
    world = after_three(AT_ONCE)

    def rollback() -> None:
        world.by_hand().rollback("iris", to=to)

    gate = Gate(meanwhile={5: rollback})
    world.controller(gate).tick("iris")

    assert gate.names[5] == "move"
    assert (world.traffic, world.state.phase) == (Traffic("1"), "rolled_back")


def test_who_promotes_right_after_the_alias_was_looked_at_is_rolled_back_too() -> None:
    world = after_three(AT_ONCE)

    def turn_of_another() -> None:
        world.controller().tick("iris")

    store: Any = Gated(world.store, Gate(meanwhile={0: turn_of_another}), Past({}))
    outcome = replace(world.by_hand(), store=store).rollback("iris", to="1")

    assert (outcome.moved, world.traffic) == (True, Traffic("1"))
    assert [action for action, _ in world.history[-2:]] == ["promote", "rollback"]


def test_a_dry_run_leaves_a_promotion_that_was_decided_as_it_is() -> None:
    world = after_three(AT_ONCE)
    turn(world, {5: DIE_BEFORE})
    state = world.state

    outcome = replace(world.by_hand(), dry_run=True).rollback("iris", to="1")

    assert (outcome.moved, outcome.ended, world.state) == (False, state.rollout, state)
    assert world.functions.moves == []


@pytest.mark.parametrize("to", TO)
@pytest.mark.parametrize("fault", [DIE_BEFORE, DIE_AFTER, THROTTLED])
def test_a_refusal_that_was_not_told_yet_has_gone_back_already(to: str | None, fault: str) -> None:
    world = after_three(AT_ONCE, refuses="wrong label")
    assert turn(world, {5: fault}) == "append"

    outcome = world.by_hand().rollback("iris", to=to)

    assert (outcome.moved, outcome.ended) == (False, world.state.rollout)
    assert world.traffic == Traffic("1")
    assert world.state.done
    assert world.history[-2:] == [("start", Traffic("1")), ("refuse", Traffic("1"))]


def test_a_promotion_that_was_made_and_not_told_yet_is_one() -> None:
    """Also of a release that was live before: to find it there is not to be back."""
    world = World(nothing, plan=AT_ONCE)
    world.ledger.append(entry(action="found", after=Traffic("2")))
    world.ledger.append(entry(action="promote", after=Traffic("1")))
    started(world)
    assert turn(world, {6: DIE_BEFORE}) == "append"
    assert world.traffic == Traffic("2")

    outcome = world.by_hand().rollback("iris")

    assert (outcome.moved, world.traffic) == (True, Traffic("1"))
    assert [action for action, _ in world.history[-2:]] == ["promote", "rollback"]


def test_an_end_that_the_ledger_was_not_told_leaves_alone_what_a_hand_did_after_it() -> None:
    world = World(bad)
    world.ledger.append(entry(action="promote", after=Traffic("1")))
    controller = started(world)
    controller.tick("iris")
    world.ledger.broken = True
    controller.tick("iris")
    world.ledger.broken = False
    assert (world.state.phase, len(world.state.untold)) == ("rolled_back", 1)
    world.hand(Traffic("3"))

    outcome = world.by_hand().rollback("iris")

    assert (outcome.moved, world.traffic) == (True, Traffic("1"))
