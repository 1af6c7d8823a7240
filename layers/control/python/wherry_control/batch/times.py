"""
When a schedule runs next, told from AWS's own expressions, for AWS has no call that tells.

`rate(…)` counts from when the schedule was made; `cron(…)` has six fields, in the schedule's own
time zone. `L`, `W` and `#` are left to AWS: nothing is told of a schedule that has them.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

YEARS = (1970, 2199)
HORIZON = 366 * 8  # days that are looked through: a 29th of February comes in them
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")  # AWS counts them from 1
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}


class _Cron(NamedTuple):
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    years: frozenset[int]

    def has(self, day: date) -> bool:
        return (
            day.year in self.years
            and day.month in self.months
            and day.day in self.days
            and day.isoweekday() % 7 + 1 in self.weekdays
        )


def next_times(
    expression: str, timezone: str, since: datetime, now: datetime, most: int
) -> tuple[datetime, ...]:
    """The next ones after `now`, in UTC; none where they cannot be told."""
    if rate := _RATE.fullmatch(expression):
        step = int(rate[1]) * _UNITS[rate[2]]
        passed = max(-1, (now - since) // step)
        return tuple(since + (passed + number) * step for number in range(1, most + 1))
    cron = _CRON.fullmatch(expression)
    fields = _fields(cron.groups()) if cron else None
    if fields is None:
        return ()
    found = _after(fields, now.astimezone(ZoneInfo(timezone)))
    return tuple(at for at, _ in zip(found, range(most), strict=False))


def _after(cron: _Cron, now: datetime) -> Iterator[datetime]:
    for ahead in range(HORIZON):
        day = now.date() + timedelta(days=ahead)
        if not cron.has(day):
            continue
        for hour in sorted(cron.hours):
            for minute in sorted(cron.minutes):
                local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=now.tzinfo)
                at = local.astimezone(UTC)
                if at > now and at.astimezone(now.tzinfo).hour == hour:  # no clock leaves it out
                    yield at


def _fields(told: tuple[str, ...]) -> _Cron | None:
    kinds = (
        (0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, MONTHS), (1, 7, DAYS), (*YEARS, ()),
    )  # fmt: skip
    try:
        found = [_values(text, *kind) for text, kind in zip(told, kinds, strict=True)]
    except ValueError:
        return None
    return _Cron(*found)


def _values(text: str, first: int, last: int, names: tuple[str, ...]) -> frozenset[int]:
    """Raise ValueError for what is left to AWS."""
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        low, _, high = span.partition("-")
        if span in {"*", "?"}:
            start, end = first, last
        else:
            start = _number(low, first, names)
            end = _number(high, first, names) if high else (last if step else start)
        found.update(range(start, end + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, first: int, names: tuple[str, ...]) -> int:
    return names.index(text.upper()) + first if text.upper() in names else int(text)
