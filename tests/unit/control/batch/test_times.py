"""When a schedule runs next: AWS's expressions, in the schedule's own time zone."""

from datetime import UTC, datetime

import pytest

from wherry_control.batch.times import next_times

SINCE = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 26, 6, 45, tzinfo=UTC)  # a Thursday


def told(expression: str, timezone: str = "UTC", now: datetime = NOW, most: int = 2) -> list[str]:
    times = next_times(expression, timezone, SINCE, now, most)
    return [f"{each:%Y-%m-%d %H:%M}" for each in times]


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("cron(0 3 * * ? *)", ["2026-11-27 03:00", "2026-11-28 03:00"]),
        ("cron(45 6 * * ? *)", ["2026-11-27 06:45", "2026-11-28 06:45"]),
        ("cron(0/20 * * * ? *)", ["2026-11-26 07:00", "2026-11-26 07:20"]),
        ("cron(50 6,18 * * ? *)", ["2026-11-26 06:50", "2026-11-26 18:50"]),
        ("cron(0 8 1 * ? *)", ["2026-12-01 08:00", "2027-01-01 08:00"]),
        ("cron(0 8 ? * MON-FRI *)", ["2026-11-26 08:00", "2026-11-27 08:00"]),
        ("cron(0 8 ? * 1 *)", ["2026-11-29 08:00", "2026-12-06 08:00"]),
        ("cron(0 0 29 FEB ? *)", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("cron(0 8 1 JAN ? 2027)", ["2027-01-01 08:00"]),
        ("rate(1 day)", ["2026-11-26 12:30", "2026-11-27 12:30"]),
        ("rate(5 minutes)", ["2026-11-26 06:50", "2026-11-26 06:55"]),
        ("rate(12 hours)", ["2026-11-26 12:30", "2026-11-27 00:30"]),
    ],
)
def test_the_next_times_are_those_that_aws_would_take(expression: str, wanted: list[str]) -> None:
    assert told(expression) == wanted


@pytest.mark.parametrize("expression", ["cron(0 8 L * ? *)", "cron(0 8 ? * 6#3 *)", "at(2027)"])
def test_nothing_is_told_of_what_only_aws_can_tell(expression: str) -> None:
    assert told(expression) == []


def test_hours_are_those_of_the_time_zone_through_the_year() -> None:
    assert told("cron(0 3 * * ? *)", "Europe/Berlin", most=1) == ["2026-11-27 02:00"]
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    assert told("cron(0 3 * * ? *)", "Europe/Berlin", summer, 1) == ["2026-07-01 01:00"]


def test_an_hour_that_the_clocks_leave_out_has_no_run() -> None:
    before = datetime(2027, 3, 27, 12, 0, tzinfo=UTC)  # at 2 on the 28th it is 3

    assert told("cron(30 2 * * ? *)", "Europe/Berlin", before, 1) == ["2027-03-29 00:30"]


def test_a_schedule_that_has_not_begun_runs_first_when_it_does() -> None:
    early = datetime(2026, 10, 1, tzinfo=UTC)

    assert told("rate(1 day)", now=early, most=1) == ["2026-11-01 12:30"]
