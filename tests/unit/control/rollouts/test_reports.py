"""What people see of a rollout."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.support.evidence_fakes import FakeEvidence
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
from wherry.errors import CloudError
from wherry_control.evidence.counts import Counts, Evidence, Minute
from wherry_control.evidence.sources import Flush
from wherry_control.functions import Traffic
from wherry_control.rollouts.report import nobody_ticks
from wherry_control.rollouts.store import LEASE

TENTH = Traffic("1", "2", 10)


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


@pytest.mark.parametrize(
    ("every", "seconds", "idle"),
    [(60, LEASE, False), (60, LEASE + 1, True), (120, 360, False), (120, 361, True)],
)
def test_a_rollout_that_nobody_has_ticked_for_three_turns_says_since_when(
    every: int, seconds: float, *, idle: bool
) -> None:
    world = World(nothing, plan=replace(PLAN, tick_seconds=every))
    controller = started(world)
    world.later()
    controller.tick("iris")
    ticked = world.now
    world.later(seconds)

    report = controller.report("iris")

    assert report.idle == (ticked if idle else None)
    assert nobody_ticks(report) == (
        "nobody has ticked since 2026-11-20 12:01 UTC: `wherry rollout resume iris`" if idle else ""
    )


def test_a_rollout_that_nobody_has_ever_ticked_says_so_from_its_start() -> None:
    world = World(nothing)
    controller = started(world)
    began = world.now
    world.later(LEASE + 1)

    assert controller.report("iris").idle == began


def test_a_turn_that_still_works_is_one_that_somebody_ticks() -> None:
    """A preflight takes as long as its lease at most."""
    world = World(nothing)
    controller = started(world)
    seen = list[datetime | None]()

    def look() -> None:
        world.later(LEASE)
        seen.append(controller.report("iris").idle)

    gate = Gate(meanwhile={3: look})
    world.controller(gate).tick("iris")

    assert gate.names[3] == "preflight"
    assert seen == [None]


def test_a_tick_that_aws_refuses_is_one_that_somebody_tried() -> None:
    world = World(nothing)
    started(world)
    world.later(3600)
    with pytest.raises(CloudError):
        world.controller(Gate({1: THROTTLED})).tick("iris")

    assert world.controller().report("iris").idle is None


def test_nobody_needs_to_tick_a_rollout_that_has_ended() -> None:
    world = World(good)
    controller = started(world)
    to_the_end(world, controller)
    world.later(3600)

    assert controller.report("iris").idle is None
