"""
What the charts draw: counts of both releases, made ready to be compared by eye.

Counts only: the page turns them into shares, and shows them as a table too. It judges nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from math import isnan
from operator import add

from wherry.sketch.bins import NAN, ZERO, bin_range
from wherry_control.evidence.counts import Bins, Counts, Minute


@dataclass(frozen=True)
class Rate:
    """One minute of one release."""

    at: datetime
    requests: int
    failed: int
    slow: int


@dataclass(frozen=True)
class Bar:
    """
    One label, or one range of numbers, and how often each release had it.

    `low` and `high` are None for a label; in JSON so is an end that is infinite.
    """

    name: str
    stable: int
    candidate: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Distribution:
    """`numeric`: the bars are ranges in order; else labels, the commonest first."""

    name: str
    unit: str
    numeric: bool
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Totals:
    """What a release did since the rollout began."""

    requests: int
    failed: int
    slow: int
    refusals: int
    errors: Mapping[str, int]


@dataclass(frozen=True)
class Side:
    """One release of the rollout."""

    release: str
    totals: Totals
    minutes: tuple[Rate, ...]


@dataclass(frozen=True)
class Charts:
    """Both releases since the rollout began."""

    stable: Side
    candidate: Side
    latency: Distribution
    outputs: tuple[Distribution, ...]


def charts(minutes: Iterable[Minute], stable: str, candidate: str) -> Charts:
    """Of the minutes since the rollout began."""
    told = tuple(minutes)
    one, other = (
        reduce(add, (each.counts for each in told if each.release == name), Counts())
        for name in (stable, candidate)
    )
    names = sorted({*one.outputs, *other.outputs})
    return Charts(
        stable=_side(stable, told, one),
        candidate=_side(candidate, told, other),
        latency=distribution("latency", one.latency, other.latency, unit="ms"),
        outputs=tuple(
            distribution(name, one.outputs.get(name, {}), other.outputs.get(name, {}))
            for name in names
        ),
    )


def distribution(name: str, stable: Bins, candidate: Bins, *, unit: str = "") -> Distribution:
    """Ranges of numbers in their order, with the gaps between them; or else labels."""
    spans = {each: _span(each) for each in {*stable, *candidate}}
    counts = {each: (stable.get(each, 0), candidate.get(each, 0)) for each in spans}
    if any(span is None for span in spans.values()) or all(_is_point(each) for each in spans):
        labels = sorted(counts, key=lambda each: (-sum(counts[each]), each))
        return Distribution(
            name, unit, numeric=False, bars=tuple(Bar(each, *counts[each]) for each in labels)
        )
    ranges = sorted((*span, each) for each, span in spans.items() if span and not isnan(span[0]))
    bars = [Bar(each, *counts[each], low, high) for low, high, each in ranges]
    other = [Bar(NAN, *counts[NAN])] if NAN in counts else []
    return Distribution(name, unit, numeric=True, bars=(*_with_gaps(bars), *other))


def _with_gaps(bars: Iterable[Bar]) -> Iterator[Bar]:
    """A range that nobody was in is drawn as one empty bar, however wide it is."""
    end: float | None = None
    for bar in bars:
        if end is not None and bar.low is not None and end < bar.low:
            yield Bar("", 0, 0, end, bar.low)
        yield bar
        end = bar.high


def _side(release: str, minutes: Iterable[Minute], counts: Counts) -> Side:
    rates = tuple(
        Rate(each.at, each.counts.requests, each.counts.failed, each.counts.slow)
        for each in minutes
        if each.release == release
    )
    totals = Totals(counts.requests, counts.failed, counts.slow, counts.refusals, counts.errors)
    return Side(release, totals, rates)


def _span(name: str) -> tuple[float, float] | None:
    """None of a label."""
    try:
        return bin_range(name)
    except ValueError:
        return None


def _is_point(name: str) -> bool:
    """A number as such, or none at all: by itself it could as well be a label."""
    return name in (ZERO, NAN)
