"""The report's sentences: what the numbers mean, for somebody who has not read the papers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from wherry_control.evidence.counts import Moments
from wherry_control.experiments.analysis import FEWEST, MOST, Interval
from wherry_control.experiments.joining import Joined
from wherry_control.experiments.report import HIGHER, VALUE, Arm, Asked, Comparison, Split

PERCENT = 100
MOVED = (
    "seen in two arms, as happens when a share is changed, and left out: a report --since the "
    "change has them again."
)
ANONYMOUS = (
    "without a subject, each taken for a subject of its own: intervals are too narrow if somebody "
    "came twice."
)
UNKNOWN = "told of, but made at another time or not known at all: left out."
REPEATED = "told again of the same prediction: the first one counts."


@dataclass(frozen=True)
class Compared:
    """What is said of one arm and the control."""

    asked: Asked
    arm: str
    is_share: bool

    def shown(self, interval: Interval) -> str:
        better = (interval.difference > 0) == (self.asked.better == HIGHER)
        size = self._points(abs(interval.difference))
        low, high = map(self._bare, sorted(map(abs, (interval.low, interval.high))))
        return (
            f"{self.arm} is {'better' if better else 'worse'} than {self.asked.control} by {size} "
            f"({low} to {high}): this holds however often you look."
        )

    def open(self, interval: Interval, effect: float, more: int) -> str:
        """`more` subjects would show `effect`."""
        bounds = f"{self._bare(interval.low)} to {self._points(interval.high)}"
        told = f"No difference between {self.arm} and {self.asked.control} is shown yet ({bounds})."
        if more >= MOST:
            return told
        return (
            f"{told} About {_round(more)} more subjects would show one of {self._points(effect)}."
        )

    def too_early(self, control: Moments, arm: Moments) -> str:
        pair = f"{self.arm} and {self.asked.control}"
        if min(control.count, arm.count) >= FEWEST:
            return f"All subjects of {pair} have the same value: there is nothing to compare yet."
        told = "of whom something was told " if self.asked.kind == VALUE else ""
        return (
            f"It is too early to compare {pair}: {arm.count:,} and {control.count:,} subjects "
            f"{told}so far, and {FEWEST} of each it takes."
        )

    def _points(self, value: float) -> str:
        return points(value, share=self.is_share)

    def _bare(self, value: float) -> str:
        return bare(value, share=self.is_share)


def verdict(
    arms: Sequence[Arm], split: Split, comparisons: Sequence[Comparison]
) -> tuple[str, ...]:
    """The split first, if it is wrong: then nothing else can be trusted."""
    if not any(arm.subjects for arm in arms):
        return ("Nobody has been in this experiment yet.",)
    told = tuple(each.told for each in comparisons)
    return (split.told, *told) if split.wrong else told


def split(arms: Sequence[Arm], *, wrong: bool) -> str:
    subjects = " to ".join(f"{arm.subjects:,}" for arm in arms)
    shares = "/".join(f"{arm.share * PERCENT:.4g}" for arm in arms)
    if wrong:
        return (
            f"The split is not what was asked: {subjects} subjects where {shares} was asked; "
            "do not trust the rest."
        )
    return f"Nothing speaks against the split: {subjects} subjects where {shares} was asked."


def notes(asked: Asked, joined: Joined) -> tuple[str, ...]:
    """What was left out, and what it may mean."""
    units = joined.units.values()
    moved = sum(unit.moved for unit in units)
    gone = sorted({unit.arm for unit in units if not unit.moved} - set(asked.shares))
    others = ", ".join(sorted(joined.others))
    told = (
        _counted(moved, "subject", MOVED),
        _counted(joined.anonymous, "prediction", ANONYMOUS),
        _counted(joined.unknown, "prediction", UNKNOWN),
        _counted(joined.repeated, "outcome", REPEATED),
        f"Arms that the experiment no longer has, left out: {', '.join(gone)}." if gone else "",
        f"Also told of, and not reported: {others}." if others else "",
    )
    return tuple(filter(None, told))


def mean(value: float | None, *, share: bool) -> str:
    """As `20.1 %` of a share, else as it is; `-` of none."""
    if value is None:
        return "-"
    return f"{_number(value * PERCENT, 3)} %" if share else _number(value, 3)


def points(value: float, *, share: bool) -> str:
    """A difference of two means: of shares, in points of a hundred."""
    return bare(value, share=share) + (" points" if share else "")


def bare(value: float, *, share: bool) -> str:
    """The same without a unit."""
    return _number(value * PERCENT if share else value, 2)


def _number(value: float, figures: int) -> str:
    """So many figures, or all that are before the point."""
    if not value:
        return "0"
    rounded = float(f"{value:.{figures - 1}e}")
    digits = math.floor(math.log10(abs(rounded))) + 1
    return f"{rounded if digits < figures else value:,.{max(0, figures - digits)}f}"


def _round(count: int) -> str:
    """Two figures: an estimate is no better than that."""
    zeros = max(0, len(str(count)) - 2)
    return f"{round(count, -zeros):,}"


def _counted(count: int, what: str, told: str) -> str:
    return f"{count:,} {what}{'s' if count > 1 else ''} {told}" if count else ""
