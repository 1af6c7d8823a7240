"""A rollout from its start to its end, over a Lambda, a ledger and a store in memory."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.rollout_gate import THROTTLED, Gate
from tests.support.rollout_world import (
    PLAN,
    World,
    bad,
    good,
    nothing,
    started,
    to_the_end,
)
from wherry.errors import CloudError, UsageError
from wherry_control.evidence.counts import Evidence
from wherry_control.functions import Traffic
from wherry_control.judging.settings import JudgeSettings

TENTH = Traffic("1", "2", 10)


def test_a_good_candidate_is_promoted_step_by_step() -> None:
    world = World(good)

    to_the_end(world, started(world))

    assert world.history == [
        ("start", Traffic("1")),
        ("step", TENTH),
        ("step", Traffic("1", "2", 50)),
        ("promote", Traffic("2")),
    ]


def test_a_bad_one_is_rolled_back_with_the_numbers_behind_it() -> None:
    world = World(bad)

    to_the_end(world, started(world))

    last = world.ledger.entries("iris")[-1]
    assert (last.action, last.after) == ("rollback", Traffic("1"))
    assert "errors" in last.reason
    assert last.numbers["verdict"] == "roll_back"
    assert last.numbers["readings"]
    assert last.digest == f"sha256:{2:064}"


def test_while_another_holds_the_lease_a_tick_does_nothing() -> None:
    world = World()
    controller = started(world)
    world.store.acquire("iris", "somebody", world.now, 60)

    assert controller.tick("iris").state.phase == "preflight"
    assert world.preflights == []

    world.later(60)
    assert controller.tick("iris").state.phase == "step"


def test_a_tick_gives_the_lease_back_also_if_it_fails() -> None:
    world = World()
    started(world)
    gate = Gate({2: THROTTLED})
    with pytest.raises(CloudError):
        world.controller(gate).tick("iris")

    assert gate.names == ["acquire", "load", "live", "release"]
    assert world.controller().tick("iris").state.phase == "step"


def test_a_ledger_that_is_away_stops_nothing_and_is_told_all_in_order_when_it_is_back() -> None:
    """Above all it does not keep a bad candidate from being rolled back."""
    world = World(bad)
    controller = started(world)
    world.ledger.broken = True
    for _ in range(3):
        assert not controller.tick("iris").done
    assert (world.state.phase, world.traffic) == ("rolled_back", Traffic("1"))

    world.ledger.broken = False
    assert controller.tick("iris").done

    assert [action for action, _ in world.history] == ["start", "step", "rollback"]


def test_a_model_without_a_rollout_says_how_to_begin_one() -> None:
    with pytest.raises(UsageError, match="wherry rollout start iris"):
        World().controller().tick("iris")


@pytest.mark.parametrize(
    ("traffic", "phase"),
    [
        (Traffic("1"), "rolled_back"),
        (Traffic("2"), "promoted"),
        (Traffic("1", "2", 40), "held"),
        (Traffic("3"), "held"),
    ],
)
def test_a_hand_at_the_alias_is_followed_by_the_next_tick_and_never_undone(
    traffic: Traffic, phase: str
) -> None:
    world = World(nothing)
    controller = started(world)
    controller.tick("iris")
    world.hand(traffic)

    state = controller.tick("iris").state

    assert state.phase == phase
    assert world.traffic == traffic
    assert world.ledger.entries("iris")[-1].reason.startswith("moved by hand")
    assert controller.tick("iris").state.phase == phase


def test_a_wrong_weight_by_hand_is_judged_at_that_weight() -> None:
    world = World(bad)
    controller = started(world)
    controller.tick("iris")
    world.hand(Traffic("1", "2", 40))

    controller.tick("iris")
    assert controller.tick("iris").state.phase == "rolled_back"
    assert world.traffic == Traffic("1")


def test_commands_need_no_lease() -> None:
    world = World(nothing)
    controller = started(world)
    controller.tick("iris")
    world.store.acquire("iris", "somebody", world.now, 600)

    assert controller.pause("iris").paused
    assert not controller.resume("iris").paused
    assert controller.abort("iris").phase == "rolled_back"
    assert world.traffic == Traffic("1")
    assert [action for action, _ in world.history] == [
        "start",
        "step",
        "pause",
        "resume",
        "rollback",
    ]


def test_to_abort_needs_no_evidence() -> None:
    world = World(nothing)
    controller = started(world)
    controller.tick("iris")

    def broken(*_asked: object) -> Evidence:
        raise CloudError("evidence", "no such table")

    without: Any = broken
    assert replace(controller, gather=without).abort("iris").phase == "rolled_back"


@pytest.mark.parametrize("fix", [False, True])
def test_a_fix_of_a_broken_stable_release_is_judged_alone(*, fix: bool) -> None:
    """A red alarm of stable does not block it: no alarm is asked."""
    asked = []
    world = World(good)
    judge = world.controller().judge

    def listening(*given: Any, **named: Any) -> Any:
        asked.append(named["alone"])
        return judge(*given, **named)

    controller = replace(world.controller(), judge=listening)
    controller.start("iris", world.plan, candidate="2", fix=fix)
    to_the_end(world, controller)

    assert set(asked) == {fix}
    assert world.state.phase == "promoted"
    assert ("judged alone" in world.ledger.entries("iris")[0].reason) is fix


@pytest.mark.parametrize(("outcome", "ranges"), [("clicked", {"clicked": (0.0, 5.0)}), ("", {})])
def test_outcomes_are_asked_for_within_the_range_that_the_plan_declares(
    outcome: str, ranges: dict[str, tuple[float, float]]
) -> None:
    asked: list[Any] = []

    def gathered(*given: Any, **_named: Any) -> Evidence:
        asked.append(given[-1])
        return Evidence()

    settings = JudgeSettings(outcome=outcome, outcome_range=(0.0, 5.0))
    world = World(plan=replace(PLAN, judge=settings))
    controller = replace(started(world), gather=gathered)

    for _ in range(2):
        controller.tick("iris")

    assert asked == [ranges]
