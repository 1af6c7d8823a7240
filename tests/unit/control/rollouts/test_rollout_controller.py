"""A rollout from its start to its end, over a Lambda, a ledger and a store in memory."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.evidence_fakes import FakeEvidence
from tests.support.ledger_contract import entry
from tests.support.rollout_world import FUNCTION, PLAN, THROTTLED, Gate, World, bad, good, nothing
from wherry.errors import CloudError, ConflictError, RefusedError, UsageError
from wherry_control.evidence.counts import Counts, Evidence, Minute
from wherry_control.evidence.sources import Flush
from wherry_control.functions import FunctionVersion, Traffic
from wherry_control.rollouts.controller import RolloutController

TENTH = Traffic("1", "2", 10)


def started(world: World, **more: Any) -> RolloutController:
    controller = world.controller()
    controller.start("iris", world.plan, **{"candidate": "2", **more})
    return controller


def with_one_release(**parts: Any) -> World:
    world = World(**parts)
    for version in ("2", "3"):
        world.functions.delete(FUNCTION, version)
    return world


def to_the_end(world: World, controller: RolloutController) -> None:
    while not controller.tick("iris").done:
        world.later()


def test_start_moves_nothing_and_tells_what_begins() -> None:
    world = World()

    state = world.controller().start("iris", world.plan)

    assert (state.stable, state.candidate, state.phase) == ("1", "3", "preflight")
    assert world.functions.moves == []
    assert [(item.action, item.rollout) for item in world.ledger.entries("iris")] == [
        ("start", state.rollout)
    ]


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


def test_the_first_release_of_all_has_a_preflight_and_nothing_else() -> None:
    world = with_one_release()

    to_the_end(world, started(world, candidate=None))

    assert world.preflights == ["1"]
    assert world.functions.moves == []
    assert [action for action, _ in world.history] == ["start", "promote"]
    with pytest.raises(RefusedError, match="newest"):
        world.controller().start("iris", world.plan)


def test_a_first_release_that_was_refused_can_be_checked_again() -> None:
    world = with_one_release(refuses="wrong label")

    to_the_end(world, started(world, candidate="1"))

    assert [action for action, _ in world.history] == ["start", "refuse"]
    assert world.controller().start("iris", world.plan).candidate == "1"


@pytest.mark.parametrize(
    ("candidate", "said"),
    [("1", "cannot be its own candidate"), ("9", "no release 9"), ("$LATEST", "never served")],
)
def test_a_candidate_that_cannot_be_tried_is_refused(candidate: str, said: str) -> None:
    world = World()
    world.ledger.append(entry(action="promote", after=Traffic("1")))

    with pytest.raises(UsageError, match=said):
        world.controller().start("iris", world.plan, candidate=candidate)


def test_a_candidate_with_another_role_is_refused() -> None:
    world = World()
    world.functions.publish(FunctionVersion("4", role="another"))

    with pytest.raises(RefusedError, match="execution role"):
        world.controller().start("iris", world.plan, candidate="4")


def test_traffic_that_is_split_by_hand_is_refused() -> None:
    world = World()
    world.hand(TENTH)

    with pytest.raises(RefusedError, match="split by hand"):
        world.controller().start("iris", world.plan)


def test_only_one_rollout_of_a_model_runs() -> None:
    world = World()
    started(world)

    with pytest.raises(ConflictError, match=r"iris-2-.* of release 2 has not ended"):
        world.controller().start("iris", world.plan, candidate="3")


def test_a_rollout_can_follow_one_that_ended() -> None:
    world = World(bad)
    to_the_end(world, started(world))
    world.later()

    assert world.controller().start("iris", world.plan, candidate="3").candidate == "3"


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


def test_a_report_before_any_rollout_has_releases_and_traffic() -> None:
    report = World().controller().report("iris")

    assert (report.live, report.state, report.plan) == (Traffic("1"), None, None)
    assert [item.release for item in report.releases] == ["1", "2", "3"]


def test_a_report_of_a_running_rollout_has_its_evidence_by_minute_too() -> None:
    world, evidence = World(good), FakeEvidence()
    controller = replace(started(world), evidence=evidence)
    controller.tick("iris")
    world.later()
    minute = Minute(world.now, "2", Counts(7))
    evidence.add(Flush("flush", "iris", minute))
    evidence.add(Flush("old", "iris", replace(minute, at=world.now - timedelta(minutes=9))))
    world.later()

    report = controller.report("iris")

    assert report.state == world.state
    assert (report.plan, report.live) == (PLAN, TENTH)
    assert report.candidate.requests == 10_000
    assert report.minutes == (minute,)
    assert [item.action for item in report.history] == ["start", "step"]
    assert controller.history("iris") == list(report.history)


@pytest.mark.parametrize("evidence", [good, bad])
def test_a_report_of_an_ended_rollout_has_its_last_step(
    evidence: Callable[[float], Evidence],
) -> None:
    world = World(evidence)
    controller = started(world)
    to_the_end(world, controller)
    world.later(3600)

    report = controller.report("iris")

    last = world.state.closed[-1]
    assert (report.stable, report.candidate) == (last.stable, last.candidate)
    assert report.candidate.requests > 0
