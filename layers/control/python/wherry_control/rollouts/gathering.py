"""
Gathering: all sources of evidence of the current step, as one value, and which of them are silent.

Evidence comes by the minute, so it cannot be cut at the second in which the alias was moved: a
minute with some of two weights in it is left out. So is the moment that Lambda takes to act on a
move. That also leaves out the preflight's own requests, which were answered before the move.

Lines tell what the model answered, and CloudWatch how often Lambda failed to get an answer at all.
What CloudWatch counts beyond the failures that lines tell of is called a crash. A source that says
nothing while the other one does is missing, for whichever release it is; then the harm that is
seen still counts, but nothing may be promoted.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wherry.errors import CloudError
from wherry_control.evidence.counts import CRASH, PLATFORM, Counts, Evidence, Minute
from wherry_control.evidence.sources import EvidenceStore, Invoked, Outcomes, Platform, Ranges

MINUTE = timedelta(minutes=1)
SETTLING = timedelta(seconds=10)  # until every front of Lambda acts on a moved alias
LATE = timedelta(minutes=5)  # CloudWatch is two or three late on a good day
LINES, METRICS = "log lines", "CloudWatch"


@dataclass(frozen=True, kw_only=True)
class Gatherer:
    """`function` maps a model's name to its function's; without `outcomes` none are told."""

    store: EvidenceStore
    platform: Platform
    function: Callable[[str], str]
    outcomes: Outcomes | None = None

    def __call__(
        self,
        model: str,
        stable: str,
        candidate: str,
        since: datetime,
        now: datetime,
        ranges: Ranges,
    ) -> Evidence:
        """See Gather. What cannot be read at all is missing, and raises nothing."""
        first = whole_minute(since + SETTLING)
        if first >= now:
            return Evidence()
        releases, missing = (stable, candidate), []
        lines: Sequence[Minute] = ()
        metrics: Sequence[Invoked] = ()
        try:
            lines = [
                each for each in self.store.minutes(model, first, now) if each.release in releases
            ]
        except CloudError as error:
            missing.append(f"{LINES} cannot be read: {error}")
        try:
            metrics = self.platform.invoked(self.function(model), releases, first, now)
        except CloudError as error:
            missing.append(f"{METRICS} cannot be read: {error}")
        if not missing:
            missing = [told for each in releases for told in _silent(each, lines, metrics, now)]
        counts = {each: _counts(each, lines, metrics) for each in releases}
        missing += self._add_outcomes(model, counts, first, now, ranges)
        return Evidence(
            counts[stable],
            counts[candidate],
            _streak(candidate, stable, lines, metrics),
            tuple(missing),
        )

    def _add_outcomes(
        self,
        model: str,
        counts: dict[str, Counts],
        first: datetime,
        now: datetime,
        ranges: Ranges,
    ) -> list[str]:
        """Put them into `counts`; return what is missing, in words. None are read for nobody."""
        if self.outcomes is None or not ranges:
            return []
        try:
            told = self.outcomes(model, tuple(counts), first, now, ranges)
        except CloudError as error:
            return [f"outcomes cannot be read: {error}"]
        for release, outcomes in told.items():
            counts[release] = replace(counts[release], outcomes=outcomes)
        return []


def whole_minute(moment: datetime) -> datetime:
    """The first minute that begins at this moment or after it."""
    begun = moment.replace(second=0, microsecond=0)
    return begun if begun == moment else begun + MINUTE


def _counts(release: str, lines: Iterable[Minute], metrics: Iterable[Invoked]) -> Counts:
    """
    The sum of all lines, and the failures that only CloudWatch knows of.

    These are the difference over the whole step, for one failure may be told for one minute by a
    line and for the next by a metric.
    """
    told = sum((each.counts for each in lines if each.release == release), Counts())
    counted = sum(each.errors for each in metrics if each.release == release)
    return _with_crashes(told, counted)


def _with_crashes(told: Counts, counted: int) -> Counts:
    crashes = counted - _platform_errors(told)
    return told if crashes <= 0 else told + Counts(requests=crashes, errors={CRASH: crashes})


def _platform_errors(told: Counts) -> int:
    return sum(told.errors.get(kind, 0) for kind in PLATFORM)


def _streak(release: str, stable: str, lines: Sequence[Minute], metrics: Sequence[Invoked]) -> int:
    """
    How many of the newest requests failed in a row, at least.

    Only minutes in which all failed count: in what order the others were is not known. A minute in
    which stable failed too, most of the time, is an outage of both and says nothing of either.
    """
    ours, theirs = _by_minute(release, lines, metrics), _by_minute(stable, lines, metrics)
    streak = 0
    for at in sorted(ours, reverse=True):
        minute, beside = ours[at], theirs.get(at, Counts())
        if minute.failed < minute.requests:
            break
        if 2 * beside.failed <= beside.requests:
            streak += minute.failed
    return streak


def _by_minute(
    release: str, lines: Iterable[Minute], metrics: Iterable[Invoked]
) -> dict[datetime, Counts]:
    told = {each.at: each.counts for each in lines if each.release == release}
    counted = {each.at: each.errors for each in metrics if each.release == release}
    return {
        at: _with_crashes(told.get(at, Counts()), counted.get(at, 0))
        for at in told.keys() | counted.keys()
    }


def _silent(
    release: str, lines: Sequence[Minute], metrics: Sequence[Invoked], now: datetime
) -> list[str]:
    """Which source says nothing of this release although the other one does, in words."""
    newest = {
        LINES: _newest(each.at for each in lines if each.release == release),
        METRICS: _newest(each.at for each in metrics if each.release == release),
    }
    return [
        f"{source} told nothing of release {release} {_since(newest[source])}, but {other} did"
        for source, other in ((LINES, METRICS), (METRICS, LINES))
        if _is_silent(newest[source], newest[other], now)
    ]


def _is_silent(ours: datetime | None, other: datetime | None, now: datetime) -> bool:
    if other is None:
        return False
    return ours is None or (ours < other and ours < now - LATE)


def _newest(moments: Iterable[datetime]) -> datetime | None:
    return max(moments, default=None)


def _since(newest: datetime | None) -> str:
    return "yet" if newest is None else f"since {newest:%H:%M}"
