"""
Outcomes joined to whoever answered: the subjects of an experiment, or the releases of a rollout.

The first that was told of a prediction and metric counts, by its own time and not by when it was
delivered; what is told again is ignored. Sums are whole numbers, so that no order changes them.
Memory holds one shard and one small unit a subject, never all predictions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from wherry_control.evidence.counts import Moments
from wherry_control.evidence.sources import Ranges
from wherry_control.experiments.facts import Exposure, Feedback
from wherry_control.experiments.outcomes import Outcomes
from wherry_control.experiments.report import Asked

NOTHING = Moments()
Told = Mapping[str, Mapping[str, float]]  # by prediction, then by metric


@dataclass(slots=True)
class Unit:
    """One subject: its arm, its first day, its predictions and outcomes; `moved`: of two arms."""

    arm: str
    day: date
    moved: bool = False
    predictions: int = 0
    outcomes: Moments = NOTHING

    def add(self, exposure: Exposure, outcome: float | None) -> None:
        self.moved |= exposure.arm != self.arm
        self.day = min(self.day, exposure.at.date())
        self.predictions += 1
        if outcome is not None:
            self.outcomes += Moments.of(outcome)


@dataclass(slots=True)
class Joined:
    """
    An experiment's subjects in a span, with the outcomes of its metric.

    A prediction without a subject is a unit of its own: then who comes again counts again, which
    `anonymous` counts. `unknown` are the predictions that feedback of the span is about and that
    are not of the span: of another time, or of none at all. `repeated` is feedback that came
    second, `others` are the metrics that were told of beside the experiment's.
    """

    units: dict[str, Unit] = field(default_factory=dict)
    anonymous: int = 0
    unknown: int = 0
    repeated: int = 0
    others: set[str] = field(default_factory=set)


def subjects_of(store: Outcomes, asked: Asked, since: datetime, until: datetime) -> Joined:
    """Who was exposed to an arm in [since, until), and what was told of them up to now."""
    joined = Joined()
    for shard in store.shards(asked.model, since, until):
        told = _first(shard.feedback)
        known = {exposure.prediction for exposure in shard.exposures}
        about = {each.prediction for each in shard.feedback if since <= each.at < until}
        joined.unknown += len(about - known)
        joined.repeated += len(shard.feedback) - sum(map(len, told.values()))
        for exposure in shard.exposures:
            if exposure.arm and exposure.experiment == asked.experiment:
                _add(joined, exposure, told.get(exposure.prediction, {}), asked.metric)
    return joined


def _add(joined: Joined, exposure: Exposure, outcomes: Mapping[str, float], metric: str) -> None:
    name = exposure.subject or f"prediction {exposure.prediction}"
    joined.anonymous += not exposure.subject
    joined.others |= outcomes.keys() - {metric}
    unit = joined.units.setdefault(name, Unit(exposure.arm, exposure.at.date()))
    unit.add(exposure, outcomes.get(metric))


@dataclass(frozen=True)
class ReleaseOutcomes:
    """What a rollout's judge asks: outcomes by release and metric, each prediction by itself."""

    store: Outcomes

    def __call__(
        self,
        model: str,
        releases: Sequence[str],
        since: datetime,
        until: datetime,
        ranges: Ranges,
    ) -> Mapping[str, Mapping[str, Moments]]:
        """See Outcomes of `evidence.sources`; a release of which nothing was told is empty."""
        found: dict[str, dict[str, Moments]] = {release: {} for release in releases}
        for shard in self.store.shards(model, since, until):
            told = _first(shard.feedback)
            for exposure in shard.exposures:
                outcomes = told.get(exposure.prediction, {})
                if exposure.release in found:
                    _sum(found[exposure.release], outcomes, ranges)
        return found


def _sum(sums: dict[str, Moments], outcomes: Mapping[str, float], ranges: Ranges) -> None:
    for metric, (least, greatest) in ranges.items():
        if metric in outcomes:
            value = min(max(outcomes[metric], least), greatest)
            sums[metric] = sums.get(metric, NOTHING) + Moments.of(value)


def _first(feedback: Iterable[Feedback]) -> Told:
    """The first of each prediction and metric; of two at the very same moment, the smaller."""
    found: dict[str, dict[str, float]] = {}
    for each in sorted(feedback, key=lambda one: (one.at, one.value)):
        found.setdefault(each.prediction, {}).setdefault(each.metric, each.value)
    return found
