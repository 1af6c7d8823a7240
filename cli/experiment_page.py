"""An experiment's report as one page that stands alone: the verdict, the arms, the intervals."""

from collections.abc import Sequence

from cli.experiment_drawings import Bounded, Look, intervals, through_days
from models.preparation.drawing.page import (
    figure,
    listed,
    page,
    paragraph,
    section,
    table,
    verdict,
)
from wherry_control.experiments import words
from wherry_control.experiments.analysis import FEWEST, Interval
from wherry_control.experiments.report import HIGHER, RATE, Comparison, Report

PERCENT = 100
DAYS = 2  # from so many on there is something to see through them
KINDS = {
    RATE: "A subject's value is the sum of what was told of its predictions, and 0 if nothing was.",
    "value": "A subject's value is the mean of what was told of its predictions; of whom nothing "
    "was told is left out.",
}


def page_of(told: Report) -> bytes:
    """The whole file."""
    parts = [
        *_verdict(told),
        paragraph(
            f"Predictions of {told.since:%Y-%m-%d %H:%M} to {told.until:%Y-%m-%d %H:%M} (UTC), "
            f"and what was told of them until then or later. The metric is {told.metric}; "
            f"{told.better} is better."
        ),
        section("Who was in it", _arms(told), *_split(told)),
        section(f"Difference to {told.control}", *_differences(told)),
        *_days(told),
        section("What to know", listed([*told.notes, KINDS[told.kind], *_statistics(told)])),
    ]
    return page(f"{told.model}: {told.experiment}", parts)


def _verdict(told: Report) -> list[str]:
    parts = [verdict(told.split.told, good=False)] if told.split.wrong else []
    shown = {each.told: each for each in told.comparisons}
    for sentence in told.verdict[len(parts) :]:
        look = _look(told, shown[sentence].interval) if sentence in shown else "main"
        neutral = look == "main"
        parts.append(paragraph(sentence) if neutral else verdict(sentence, good=look == "good"))
    return parts


def _look(told: Report, interval: Interval | None) -> Look:
    """In no colour of good or bad what is not shown, or not to be trusted."""
    if told.split.wrong or interval is None or not interval.shows:
        return "main"
    return "good" if (interval.difference > 0) == (told.better == HIGHER) else "bad"


def _arms(told: Report) -> str:
    rows = [
        [
            arm.name + (" (control)" if arm.name == told.control else ""),
            words.mean(arm.share, share=True),
            words.mean(arm.seen, share=True),
            f"{arm.subjects:,}",
            f"{arm.predictions:,}",
            f"{arm.counted:,}",
            words.mean(arm.mean, share=told.is_share),
        ]
        for arm in told.arms
    ]
    head = ("arm", "asked", "seen", "subjects", "predictions", "with a value", told.metric)
    return table(head, rows, numbers=range(1, len(head)))


def _split(told: Report) -> list[str]:
    if told.split.wrong or not any(arm.subjects for arm in told.arms):
        return []
    return [paragraph(told.split.told)]


def _differences(told: Report) -> list[str]:
    rows = [
        _bounded(told, each.arm, interval)
        for each in told.comparisons
        if (interval := each.interval)
    ]
    if not rows:
        return [paragraph(each.told) for each in told.comparisons]
    drawing = intervals(rows, title=f"Difference to {told.control}", axis=_axis(told))
    caption = "An interval that does not reach 0 shows a difference."
    return [figure(drawing, caption), _bounds(told)]


def _bounds(told: Report) -> str:
    rows = [_line(told, each) for each in told.comparisons]
    head = ("arm", "difference", "at least", "at most", "lift")
    return table(head, rows, numbers=range(1, len(head)))


def _line(told: Report, each: Comparison) -> list[str]:
    if each.interval is None:
        return [each.arm, "too early", "", "", ""]
    found = (each.interval.difference, each.interval.low, each.interval.high)
    lift = "" if each.lift is None else f"{each.lift:+.1%}"
    return [each.arm, *(words.points(value, share=told.is_share) for value in found), lift]


def _days(told: Report) -> list[str]:
    drawn = [
        figure(
            through_days(
                [(point.day, _bounded(told, each.arm, point.interval)) for point in each.days],
                title=f"{each.arm} against {told.control} through the days",
                axis=f"{each.arm} minus {told.control}, by the end of each day",
            ),
            f"{each.arm}: the line is the difference so far, the band its interval.",
        )
        for each in told.comparisons
        if len(each.days) >= DAYS
    ]
    return [section("Through the days", *drawn)] if drawn else []


def _bounded(told: Report, name: str, interval: Interval) -> Bounded:
    times = PERCENT if told.is_share else 1
    return Bounded(
        name,
        interval.difference * times,
        interval.low * times,
        interval.high * times,
        _look(told, interval),
    )


def _axis(told: Report) -> str:
    unit = " (points)" if told.is_share else ""
    return f"{told.metric}: difference to {told.control}{unit}"


def _statistics(told: Report) -> Sequence[str]:
    intervals_hold = (
        f"All intervals hold together, at every moment at once, with {1 - told.alpha:.0%} "
        "confidence: looking again and again makes nothing false. They are asymptotic, and begin "
        f"at {FEWEST} subjects."
    )
    split = (
        f"Evidence against the split: {told.split.evidence:.1f}, where {told.split.threshold:.1f} "
        "(natural logarithms) makes it wrong."
    )
    return intervals_hold, split
