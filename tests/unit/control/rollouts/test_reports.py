"""What people see of a rollout."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.evidence_fakes import FakeEvidence
from tests.support.rollout_world import (
    PLAN,
    World,
    bad,
    good,
    started,
    to_the_end,
)
from wherry_control.evidence.counts import Counts, Evidence, Minute
from wherry_control.evidence.sources import Flush
from wherry_control.functions import Traffic

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
