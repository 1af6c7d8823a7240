"""
How often a model was asked in this process, and how long it took: counters, as the protocol's
statistics extension tells them.

Of this process alone: each Lambda environment has its own, and they end with it. What lasts is in
the logs and the metrics.
"""

from collections.abc import Mapping
from threading import Lock
from time import time_ns

import msgspec

_MOST_SIZES = 64  # numbers of rows that are told apart: the caller chooses them
_MILLISECOND = 1_000_000


class Stages(msgspec.Struct):
    """Requests of one size: how many, of how many rows together, and the nanoseconds of each."""

    count: int = 0
    rows: int = 0
    input_ns: int = 0
    infer_ns: int = 0
    output_ns: int = 0

    def add(self, other: "Stages") -> None:
        """Both together."""
        self.count += other.count
        self.rows += other.rows
        self.input_ns += other.input_ns
        self.infer_ns += other.infer_ns
        self.output_ns += other.output_ns


class Statistics:
    """May be fed from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_rows: dict[int, Stages] = {}
        self._others = Stages()
        self.failed = 0
        self.failed_ns = 0
        self.last_ms = 0

    def succeed(self, stages: Stages) -> None:
        """Count one request, or one execution for several."""
        with self._lock:
            self.last_ms = time_ns() // _MILLISECOND
            self._of(stages.rows).add(stages)

    def fail(self, nanoseconds: int) -> None:
        """Count one request that got no answer."""
        with self._lock:
            self.failed += 1
            self.failed_ns += nanoseconds

    @property
    def total(self) -> Stages:
        """All that succeeded."""
        total = Stages()
        with self._lock:
            for stages in (*self._by_rows.values(), self._others):
                total.add(stages)
        return total

    @property
    def by_rows(self) -> Mapping[int, Stages]:
        """Those of the sizes that came first; of a caller's every size, no more are kept."""
        with self._lock:
            return dict(self._by_rows)

    def _of(self, rows: int) -> Stages:
        found = self._by_rows.get(rows)
        if found is None:
            if len(self._by_rows) >= _MOST_SIZES:
                return self._others
            found = self._by_rows[rows] = Stages()
        return found
