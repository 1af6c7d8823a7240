"""What is known of a candidate once it was made, asked and timed: plain data, as reported."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

BASE = "fp32"
Kind = Literal["exact", "approximate", "retrained"]


@dataclass(frozen=True)
class Timing:
    """
    Milliseconds; `ratio` is the time over that of fp32 in the same round, the median of the rounds,
    with its quartiles.
    """

    p50: float
    p99: float
    ratio: float = 1.0
    lower: float = 1.0
    upper: float = 1.0


@dataclass(frozen=True)
class Cell:
    """One way to ask: so many threads, so many rows at once."""

    threads: int
    batch: int
    timing: Timing


@dataclass(frozen=True)
class Speed:
    load: Timing
    cells: tuple[Cell, ...]

    def at(self, threads: int, batch: int = 1) -> Timing:
        return next(
            cell.timing for cell in self.cells if (cell.threads, cell.batch) == (threads, batch)
        )


@dataclass(frozen=True)
class Quality:
    """
    On the held-out rows. `metrics` are accuracy, or r2 and mean_absolute_error; none without truth.

    `drop` is what the first metric lost against fp32; `p_worse` how likely so bad an outcome is if
    it were no worse. `agreement` with fp32: the share of rows with the same label, r2 of numbers.
    """

    rows: int
    metrics: Mapping[str, float]
    drop: float | None
    p_worse: float | None
    agreement: float
    max_error: float


@dataclass(frozen=True)
class Candidate:
    """`reason` says why it was not made; then there are no figures."""

    name: str
    what: str
    kind: Kind
    size: int | None = None
    optimized: bool = False
    quality: Quality | None = None
    speed: Speed | None = None
    reason: str | None = None
