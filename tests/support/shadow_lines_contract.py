"""
What every `ShadowLines` must do; run over the fake in unit tests and over the log of the local AWS.

A subclass gives the fixture `log`: lines, a function whose log is empty, and how to write into it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from wherry_control.experiments.shadow_lines import ShadowLines

LINES = [{"message": "shadow", "of": number} for number in range(3)]
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Log:
    lines: ShadowLines
    function: str
    write: Callable[[datetime, Mapping[str, Any]], None]


def an_hour_ago() -> datetime:
    """In whole seconds; a log takes nothing that is old."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


class ShadowLinesContract:
    def test_an_empty_log_tells_nothing(self, log: Log) -> None:
        at = an_hour_ago()

        assert list(log.lines(log.function, at, at + MINUTE)) == []

    def test_where_there_is_no_log_there_is_no_shadow(self, log: Log) -> None:
        at = an_hour_ago()

        assert list(log.lines("wherry-dev-nobody", at, at + MINUTE)) == []

    def test_lines_come_in_their_order_and_others_do_not_come(self, log: Log) -> None:
        at = an_hour_ago()
        log.write(at, LINES[0])
        log.write(at + MINUTE, {"message": "prediction"})
        log.write(at + 2 * MINUTE, LINES[1])

        assert list(log.lines(log.function, at, at + 3 * MINUTE)) == LINES[:2]

    def test_what_was_before_or_comes_later_does_not_count(self, log: Log) -> None:
        at = an_hour_ago()
        for number, line in enumerate(LINES):
            log.write(at + number * MINUTE, line)

        told = log.lines(log.function, at + MINUTE, at + MINUTE + timedelta(seconds=1))

        assert list(told) == LINES[1:2]
