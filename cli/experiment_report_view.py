"""What people see of an experiment's report, in 80 columns."""

from textwrap import wrap
from typing import TYPE_CHECKING

from cli.output import Table, View
from wherry_control.experiments import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wherry_control.experiments.analysis import Interval
    from wherry_control.experiments.report import Comparison, Report

WIDTH = 78
PLOT = 27  # characters of an interval's picture


def report(told: "Report") -> View:
    """The verdict, the arms, the differences, and what to know of them."""
    lines: list[str | Table] = [
        f"{told.model}: {told.experiment}, by {told.metric}",
        f"{told.since:%Y-%m-%d %H:%M} to {told.until:%Y-%m-%d %H:%M} (UTC)",
        "",
        *_wrapped(told.verdict),
        "",
        _arms(told),
    ]
    if not told.split.wrong and any(arm.subjects for arm in told.arms):
        lines += _wrapped([told.split.told])
    if any(each.interval for each in told.comparisons):
        lines += ["", _differences(told)]
    return [*lines, *([""] if told.notes else []), *_wrapped(told.notes)]


def _arms(told: "Report") -> Table:
    rows = [
        (
            arm.name + (" (control)" if arm.name == told.control else ""),
            words.mean(arm.share, share=True),
            words.mean(arm.seen, share=True),
            f"{arm.subjects:,}",
            f"{arm.predictions:,}",
            words.mean(arm.mean, share=told.is_share),
        )
        for arm in told.arms
    ]
    return Table(("arm", "asked", "seen", "subjects", "predictions", told.metric), rows)


def _differences(told: "Report") -> Table:
    shown = [(each, interval) for each in told.comparisons if (interval := each.interval)]
    ends = [end for _, interval in shown for end in (interval.low, interval.high)]
    low, high = min(0.0, *ends), max(0.0, *ends)
    rows = [_difference(told, each, interval, (low, high)) for each, interval in shown]
    return Table((f"against {told.control}", "difference", "between", "lift", "0 is |"), rows)


def _difference(
    told: "Report", each: "Comparison", interval: "Interval", ends: tuple[float, float]
) -> tuple[str, ...]:
    low, high = (words.bare(end, share=told.is_share) for end in (interval.low, interval.high))
    return (
        each.arm,
        words.points(interval.difference, share=told.is_share),
        f"{low} to {high}",
        "-" if each.lift is None else f"{each.lift:+.1%}",
        _picture(interval, *ends),
    )


def _picture(interval: "Interval", first: float, last: float) -> str:
    """As `  |  <===o===>  `."""
    low, middle, high, zero = (
        round((value - first) / (last - first) * (PLOT - 1))
        for value in (interval.low, interval.difference, interval.high, 0.0)
    )
    drawn = [" "] * PLOT
    drawn[low : high + 1] = "=" * (high + 1 - low)
    drawn[zero] = "|"
    drawn[low], drawn[high] = "<", ">"
    drawn[middle] = "o"
    return "".join(drawn).rstrip()


def _wrapped(sentences: "Sequence[str]") -> list[str]:
    return [line for sentence in sentences for line in wrap(sentence, WIDTH)]
