"""Where a number falls on an axis, and which numbers are written beside it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

TICKS = 6  # about so many on a linear axis
DECADES = 8  # more than these, and not each power of ten is written
STEPS = (1, 2, 5, 10)


@dataclass(frozen=True, kw_only=True)
class Axis:
    """What an axis is called; with `log`, equal ways are equal factors (all numbers above 0)."""

    title: str
    log: bool = False


@dataclass(frozen=True)
class Scale:
    """Numbers from `low` to `high` on a line of so many units from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    log: bool

    def at(self, value: float) -> float:
        low, high, here = (_bent(each, log=self.log) for each in (self.low, self.high, value))
        return self.start + (here - low) / (high - low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round numbers within the scale."""
        every = _decades(self.low, self.high) if self.log else _even(self.low, self.high)
        slack = 1e-9 * (abs(self.low) + abs(self.high))
        return [each for each in every if self.low - slack <= each <= self.high + slack]


def scale_of(values: Sequence[float], axis: Axis, start: float, end: float) -> Scale:
    """A scale that holds all of them with a little room; of no numbers, 0 to 1."""
    bent = [_bent(each, log=axis.log) for each in values] or [0.0, 1.0]
    low, high = min(bent), max(bent)
    room = (high - low) * 0.08 or (0.5 if axis.log else abs(high) * 0.1 or 1.0)
    low, high = low - room, high + room
    if axis.log:
        return Scale(10**low, 10**high, start, end, log=True)
    if min(bent) >= 0 > low:
        low = 0.0
    return Scale(low, high, start, end, log=False)


def short(value: float) -> str:
    """A number as people read it: 0.0001, 12,300, 1e-7."""
    if not math.isfinite(value):
        return str(value)
    size = abs(value)
    if size and not 1e-3 <= size < 1e6:  # noqa: PLR2004 - where plain digits stop being readable
        mantissa, _, power = f"{value:.2e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"
    return f"{value:,.4g}" if size < 1e4 else f"{value:,.0f}"  # noqa: PLR2004 - as above


def _bent(value: float, *, log: bool) -> float:
    return math.log10(value) if log else value


def _even(low: float, high: float) -> list[float]:
    raw = (high - low) / TICKS
    size = 10 ** math.floor(math.log10(raw))
    step = next(each * size for each in STEPS if each * size >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 12) + 0.0 for n in range(first, math.floor(high / step + 1e-9) + 1)]


def _decades(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = max(1, math.ceil((last - first) / DECADES))
    factors = STEPS[:3] if last - first <= 2 else (1,)  # noqa: PLR2004 - one decade, with its ends
    return [factor * 10.0**power for power in range(first, last + 1, every) for factor in factors]
