"""
What every `Runs` and every `Schedules` must do; run over the fakes and over the local AWS.

A subclass of RunsContract gives the fixture `runs`, of a state machine whose runs wait until they
are stopped; one of SchedulesContract gives `scheduled`.
"""

from dataclasses import dataclass

import pytest

from wherry.errors import CloudError
from wherry_control.batch.runs import Runs
from wherry_control.batch.schedule import Schedules

TOLD = {"input": "s3://data/in/", "output": "s3://data/out"}


class RunsContract:
    def test_what_was_started_is_found_with_what_it_was_told(self, runs: Runs) -> None:
        assert runs.start("found-1", TOLD)

        found = runs.find("found-1")

        assert found is not None
        assert (found.name, found.is_running, found.ended) == ("found-1", True, None)
        assert found.input == TOLD

    def test_a_name_is_used_once(self, runs: Runs) -> None:
        assert runs.start("once-1", TOLD)

        assert not runs.start("once-1", {"input": "s3://other/"})

        found = runs.find("once-1")
        assert found is not None
        assert found.input == TOLD

    def test_a_name_stays_used_when_its_run_has_ended(self, runs: Runs) -> None:
        runs.start("ended-1", TOLD)
        runs.stop("ended-1", "enough")

        assert not runs.start("ended-1", TOLD)

    def test_the_newest_is_listed_first(self, runs: Runs) -> None:
        runs.start("list-1", TOLD)
        runs.start("list-2", TOLD)

        listed = [each.name for each in runs.list() if each.name.startswith("list-")]

        assert listed == ["list-2", "list-1"]

    def test_nobody_is_found_by_another_name(self, runs: Runs) -> None:
        assert runs.find("nobody") is None

    def test_nothing_is_counted_before_partitions_are_shared_out(self, runs: Runs) -> None:
        runs.start("counts-1", TOLD)

        assert runs.counts("counts-1") is None
        assert list(runs.failed("counts-1")) == []

    def test_a_run_that_is_stopped_tells_why(self, runs: Runs) -> None:
        runs.start("stop-1", TOLD)

        runs.stop("stop-1", "enough")

        found = runs.find("stop-1")
        assert found is not None
        assert (found.status, found.why) == ("cancelled", "Cancelled: enough")
        assert found.ended is not None

    def test_to_stop_what_has_ended_changes_nothing(self, runs: Runs) -> None:
        runs.start("stop-2", TOLD)
        runs.stop("stop-2", "enough")
        before = runs.find("stop-2")

        runs.stop("stop-2", "again")

        assert runs.find("stop-2") == before

    def test_to_stop_nothing_is_an_error(self, runs: Runs) -> None:
        with pytest.raises(CloudError):
            runs.stop("nobody", "enough")


@dataclass(frozen=True)
class Scheduled:
    """A schedule that is on, daily at 3 in Berlin."""

    schedules: Schedules
    name: str


class SchedulesContract:
    def test_a_schedule_is_read_as_it_was_made(self, scheduled: Scheduled) -> None:
        found = scheduled.schedules.find(scheduled.name)

        assert found is not None
        assert (found.expression, found.timezone) == ("cron(0 3 * * ? *)", "Europe/Berlin")
        assert found.enabled
        assert found.input["output"] == "s3://data/out/<aws.scheduler.scheduled-time>/"
        assert found.since.utcoffset() is not None

    def test_a_switch_leaves_all_else_as_it_was(self, scheduled: Scheduled) -> None:
        before = scheduled.schedules.find(scheduled.name)

        scheduled.schedules.switch(scheduled.name, enabled=False)
        paused = scheduled.schedules.find(scheduled.name)
        scheduled.schedules.switch(scheduled.name, enabled=True)

        assert before is not None
        assert paused is not None
        assert not paused.enabled
        assert (paused.expression, paused.input) == (before.expression, before.input)
        assert scheduled.schedules.find(scheduled.name) == before

    def test_no_schedule_is_found_by_another_name(self, scheduled: Scheduled) -> None:
        assert scheduled.schedules.find("nobody") is None
