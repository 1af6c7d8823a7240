"""`wherry rollout rollback` while no traffic is split: back, and never one release too far."""

from dataclasses import replace

import pytest

from tests.support.ledger_contract import entry
from tests.support.rollout_gate import DIE_AFTER, DIE_BEFORE, Gate, Killed
from tests.support.rollout_world import World, bad, nothing, started, to_the_end
from wherry.errors import RefusedError
from wherry_control.functions import Traffic


def after_three() -> World:
    """Release 1 is live, and 3 was before it."""
    world = World(nothing)
    world.ledger.append(entry(action="found", after=Traffic("3")))
    world.ledger.append(entry(action="promote", after=Traffic("1")))
    return world


def test_in_the_preflight_it_ends_the_rollout_and_stable_stays() -> None:
    world = after_three()
    started(world)

    outcome = world.by_hand().rollback("iris")

    assert (outcome.moved, outcome.ended) == (False, world.state.rollout)
    assert (world.state.phase, world.state.done) == ("rolled_back", True)
    assert world.functions.moves == []
    assert world.history[-1] == ("rollback", Traffic("1"))


def test_a_dry_run_in_the_preflight_ends_nothing() -> None:
    world = after_three()
    started(world)

    outcome = replace(world.by_hand(), dry_run=True).rollback("iris")

    assert (outcome.moved, outcome.ended) == (False, world.state.rollout)
    assert world.state.phase == "preflight"


@pytest.mark.parametrize("fault", [DIE_BEFORE, DIE_AFTER])
def test_a_first_step_that_was_decided_and_not_made_leaves_no_traffic_at_the_candidate(
    fault: str,
) -> None:
    world = after_three()
    controller = started(world)
    gate = Gate({5: fault})
    with pytest.raises(Killed):
        world.controller(gate).tick("iris")
    assert gate.names[-1] == "move"

    world.by_hand().rollback("iris")

    assert world.traffic == Traffic("1")
    assert world.state.phase == "rolled_back"
    assert controller.tick("iris").done
    assert world.traffic == Traffic("1")


def test_right_after_the_judge_rolled_back_it_says_that_it_is_back_already() -> None:
    world = World(bad)
    world.ledger.append(entry(action="found", after=Traffic("3")))
    world.ledger.append(entry(action="promote", after=Traffic("1")))
    to_the_end(world, started(world))
    moves = list(world.functions.moves)

    with pytest.raises(RefusedError, match=r"back at release 1 already.*--again"):
        world.by_hand().rollback("iris")

    assert world.functions.moves == moves


def test_after_a_preflight_that_failed_it_says_that_it_is_back_already() -> None:
    world = after_three()
    world.refuses = "wrong label"
    to_the_end(world, started(world))

    with pytest.raises(RefusedError, match="already"):
        world.by_hand().rollback("iris")


def test_twice_in_a_row_goes_back_once_and_again_goes_one_further() -> None:
    world = after_three()
    world.hand(Traffic("2"))
    world.ledger.append(entry(action="promote", after=Traffic("2")))
    commands = world.by_hand()

    assert commands.rollback("iris").change.after == Traffic("1")
    with pytest.raises(RefusedError, match="already"):
        commands.rollback("iris")
    assert commands.rollback("iris", again=True).change.after == Traffic("3")


@pytest.mark.parametrize(
    "before", [Traffic("2"), Traffic("1", "2", 10)], ids=["at rest", "in mid-trial"]
)
def test_a_rollback_that_the_ledger_missed_is_repeated_and_goes_no_further(
    before: Traffic,
) -> None:
    """It was killed between the move and the entry."""
    world = after_three()
    action = "set" if before.is_split else "promote"
    world.ledger.append(entry(action=action, after=before))

    with pytest.raises(RefusedError, match="already"):
        world.by_hand().rollback("iris")

    assert world.traffic == Traffic("1")


def test_a_candidate_promoted_by_a_hand_that_the_rollout_has_not_seen_is_rolled_back() -> None:
    world = World(nothing)
    started(world).tick("iris")
    world.hand(Traffic("2"))

    outcome = world.by_hand().rollback("iris")

    assert (outcome.moved, world.traffic) == (True, Traffic("1"))
    assert [action for action, _ in world.history[-2:]] == ["promote", "rollback"]
