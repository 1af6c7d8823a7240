"""
Why rows were refused, counted: who wrote each number with a comma is told so once, not row by row.

What a row itself came with is no reason of its own. Only so many reasons are told apart that a file
of nothing but faults costs no memory; the counts of those are right.
"""

import re
from collections.abc import Iterable

from wherry.batch.contract import Reason

TOLD = 3  # of a partition, and of a run
APART = 1000

_OWN = re.compile(r'"(?:[^"\\]|\\.)*"…? came|\(byte \d+\)')  # of one row


class Reasons:
    """Counts those of one partition, or adds up those of many."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[str, int]] = {}

    def add(self, reason: str, rows: int = 1) -> None:
        """In whichever words: they are kept of the first."""
        key = _OWN.sub("", reason)
        if key in self._counts:
            first, before = self._counts[key]
            self._counts[key] = (first, before + rows)
        elif len(self._counts) < APART:
            self._counts[key] = (reason, rows)

    def told(self) -> tuple[Reason, ...]:
        """The commonest."""
        most = sorted(self._counts.values(), key=lambda each: -each[1])
        return tuple(Reason(reason=reason, rows=rows) for reason, rows in most[:TOLD])


def together(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Of several partitions."""
    found = Reasons()
    for each in reasons:
        found.add(each.reason, each.rows)
    return found.told()
