"""How a report comes to be: subjects by arm, one value each, and every arm beside the control."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import accumulate
from operator import add

from wherry_control.evidence.counts import THOUSAND, Moments
from wherry_control.experiments import words
from wherry_control.experiments.analysis import Interval, compare, needed, split_evidence
from wherry_control.experiments.joining import Joined, Unit, subjects_of
from wherry_control.experiments.outcomes import Outcomes
from wherry_control.experiments.report import (
    ALPHA,
    RATE,
    SPLIT_ALPHA,
    Arm,
    Asked,
    Comparison,
    Kind,
    Point,
    Report,
    Split,
)

Units = Mapping[str, Sequence[Unit]]  # by arm


def report_of(store: Outcomes, asked: Asked, since: datetime, until: datetime) -> Report:
    """
    The report of predictions in [since, until), with all that was told of them up to now.

    It may be asked for at every moment: no look makes another one worth less.
    """
    joined = subjects_of(store, asked, since, until)
    units = _by_arm(asked, joined)
    days = sorted({unit.day for each in units.values() for unit in each})
    growth = {arm: _growth(each, days, asked.kind) for arm, each in units.items()}
    now = {arm: each[-1] if each else Moments() for arm, each in growth.items()}
    arms = _arms(asked, units, now)
    split = _split(arms)
    is_share = all(_is_share(unit, asked.kind) for each in units.values() for unit in each)
    comparing = _Comparing(asked, days, growth, now, is_share=is_share)
    comparisons = tuple(comparing(arm) for arm in units if arm != asked.control)
    return Report(
        model=asked.model,
        experiment=asked.experiment,
        metric=asked.metric,
        kind=asked.kind,
        better=asked.better,
        is_share=is_share,
        control=asked.control,
        since=since,
        until=until,
        alpha=ALPHA,
        arms=arms,
        split=split,
        comparisons=comparisons,
        verdict=words.verdict(arms, split, comparisons),
        notes=words.notes(asked, joined),
        moved=sum(unit.moved for unit in joined.units.values()),
        unknown=joined.unknown,
        repeated=joined.repeated,
    )


def _by_arm(asked: Asked, joined: Joined) -> Units:
    """The subjects of each arm that is asked for, without those that were seen in two."""
    units: dict[str, list[Unit]] = {name: [] for name in asked.shares}
    for unit in joined.units.values():
        if not unit.moved and unit.arm in units:
            units[unit.arm].append(unit)
    return units


def _growth(units: Sequence[Unit], days: Sequence[date], kind: Kind) -> list[Moments]:
    """The moments of one arm's subjects that had come by the end of each day."""
    daily = dict.fromkeys(days, Moments())
    for unit in units:
        daily[unit.day] += _value(unit, kind)
    return list(accumulate(daily.values(), add))


def _value(unit: Unit, kind: Kind) -> Moments:
    if kind == RATE:
        return Moments.of(unit.outcomes.total / THOUSAND)
    return Moments.of(unit.outcomes.mean) if unit.outcomes.count else Moments()


def _is_share(unit: Unit, kind: Kind) -> bool:
    return 0 <= _value(unit, kind).total <= THOUSAND


def _arms(asked: Asked, units: Units, now: Mapping[str, Moments]) -> tuple[Arm, ...]:
    whole = math.fsum(asked.shares.values())
    subjects = sum(map(len, units.values()))
    return tuple(
        Arm(
            name=name,
            share=asked.shares[name] / whole,
            seen=len(each) / subjects if subjects else 0.0,
            subjects=len(each),
            predictions=sum(unit.predictions for unit in each),
            counted=now[name].count,
            mean=now[name].mean if now[name].count else None,
        )
        for name, each in units.items()
    )


def _split(arms: Sequence[Arm]) -> Split:
    """Of the arms that have a share: one whose share was made 0 is no part of the split."""
    having = [arm for arm in arms if arm.share]
    evidence = split_evidence([arm.subjects for arm in having], [arm.share for arm in having])
    threshold = -math.log(SPLIT_ALPHA)
    wrong = evidence >= threshold
    return Split(wrong, evidence, threshold, words.split(having, wrong=wrong))


@dataclass(frozen=True)
class _Comparing:
    """Each arm beside the control; `growth` is by arm, then by day."""

    asked: Asked
    days: Sequence[date]
    growth: Mapping[str, Sequence[Moments]]
    now: Mapping[str, Moments]
    is_share: bool

    @property
    def alpha(self) -> float:
        """Bonferroni's: all arms together keep ALPHA."""
        return ALPHA / (len(self.now) - 1)

    def __call__(self, arm: str) -> Comparison:
        control = self.now[self.asked.control]
        interval = compare(control, self.now[arm], self.alpha)
        lift = interval.difference / control.mean if interval and control.total else None
        told = words.Compared(self.asked, arm, is_share=self.is_share)
        return Comparison(arm, interval, lift, self._told(told, interval), self._points(arm))

    def _told(self, told: "words.Compared", interval: Interval | None) -> str:
        control, arm = self.now[self.asked.control], self.now[told.arm]
        if interval is None:
            return told.too_early(control, arm)
        if interval.shows:
            return told.shown(interval)
        effect = (interval.high - interval.low) / 4
        return told.open(interval, effect, needed(control, arm, self.alpha, effect))

    def _points(self, arm: str) -> tuple[Point, ...]:
        pairs = zip(self.growth[self.asked.control], self.growth[arm], strict=True)
        found = (compare(control, other, self.alpha) for control, other in pairs)
        return tuple(
            Point(datetime(day.year, day.month, day.day, tzinfo=UTC), interval)
            for day, interval in zip(self.days, found, strict=True)
            if interval is not None
        )
