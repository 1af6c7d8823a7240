"""
What the page is told: one document a model, made of its report. The types are its documentation.

Times are UTC in ISO 8601, weights are percent, shares of a threshold are plain numbers (1 proves
harm). Nothing in it changes by being asked for, so that an unchanged document costs one line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wherry.errors import WherryError
from wherry_control.console.actions import Action, offered
from wherry_control.console.charts import Charts, charts
from wherry_control.functions import Traffic
from wherry_control.judging.verdicts import Reading
from wherry_control.ledger import Entry
from wherry_control.rollouts.plan import Step
from wherry_control.rollouts.report import Report
from wherry_control.rollouts.state import Phase, Point, State
from wherry_control.rollouts.transitions import due

TRAIL_SHOWN = 400
HISTORY_SHOWN = 30


@dataclass(frozen=True)
class ShownRelease:
    """`share` is its percentage of the live traffic."""

    release: str
    model_version: int | None
    digest: str
    published_at: str
    role: str
    share: float


@dataclass(frozen=True)
class ShownReading:
    """
    A metric, and its name for people: how much of its threshold its evidence comes to, and its
    bounds on the harm.
    """

    metric: str
    name: str
    finding: str
    share: float
    told: str
    margin: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Rollout:
    """
    The newest rollout. `until` is when it is given up, unless it ends before; `idle` since when
    nobody has ticked it, if that is too long ago.
    """

    id: str
    stable: str
    candidate: str
    phase: Phase
    step: int
    steps: tuple[Step, ...]
    started: datetime
    since: datetime
    until: datetime | None
    paused: bool
    fix: bool
    ended: bool
    moving: bool
    reason: str
    verdict: str
    verdict_reason: str
    readings: tuple[ShownReading, ...]
    trail: tuple[Point, ...]
    missing: tuple[str, ...]
    idle: datetime | None
    charts: Charts


@dataclass(frozen=True)
class Moved:
    """An entry of the ledger."""

    sequence: int
    at: datetime
    action: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class Told:
    """An error in its parts."""

    kind: str
    where: str
    what: str
    todo: str

    @classmethod
    def of(cls, error: WherryError) -> "Told":
        return cls(type(error).__name__, error.where, error.what, error.todo)


@dataclass(frozen=True)
class Experiment:
    """What `wherry experiment report --json` tells, if there is one; or why there is none."""

    report: Mapping[str, Any] | None
    error: Told | None = None


@dataclass(frozen=True)
class ModelView:
    """GET /api/models/{model}."""

    model: str
    function: str
    live: Traffic
    releases: tuple[ShownRelease, ...]
    rollout: Rollout | None
    history: tuple[Moved, ...]
    experiment: Experiment
    actions: tuple[Action, ...]


@dataclass(frozen=True)
class Models:
    """GET /api/models. `place` says which AWS this is."""

    place: str
    models: tuple[str, ...]


@dataclass(frozen=True)
class Failed:
    """What every request that failed is answered."""

    error: Told


def view_of(report: Report, experiment: Experiment) -> ModelView:
    """The document of one model; newest releases and newest entries first."""
    history = tuple(_moved(each) for each in reversed(report.history[-HISTORY_SHOWN:]))
    return ModelView(
        model=report.model,
        function=report.function,
        live=report.live,
        releases=_releases(report),
        rollout=_rollout(report, report.state) if report.state else None,
        history=history,
        experiment=experiment,
        actions=offered(report),
    )


def _moved(entry: Entry) -> Moved:
    return Moved(
        sequence=entry.sequence,
        at=entry.at,
        action=entry.action,
        before=str(entry.before or ""),
        after=str(entry.after),
        reason=entry.reason,
    )


def _releases(report: Report) -> tuple[ShownRelease, ...]:
    live = report.live
    share = {live.candidate: live.weight, live.stable: 100 - live.weight}
    return tuple(
        ShownRelease(
            release=each.release,
            model_version=each.model_version,
            digest=each.digest,
            published_at=each.published_at,
            role=each.role_in(live),
            share=share.get(each.release, 0.0),
        )
        for each in reversed(report.releases)
    )


def _rollout(report: Report, state: State) -> Rollout:
    judged = state.judgement
    return Rollout(
        id=state.rollout,
        stable=state.stable,
        candidate=state.candidate,
        phase=state.phase,
        step=state.step,
        steps=report.plan.steps if report.plan else (),
        started=state.started,
        since=state.since,
        until=due(report.plan, state) if report.plan and not state.ended else None,
        paused=state.paused,
        fix=state.fix,
        ended=state.ended,
        moving=state.pending is not None,
        reason=state.reason,
        verdict=judged.verdict if judged else "",
        verdict_reason=judged.reason if judged else "",
        readings=tuple(_reading(each) for each in judged.readings) if judged else (),
        trail=state.trail[-TRAIL_SHOWN:],
        missing=report.missing,
        idle=report.idle,
        charts=charts(report.minutes, state.stable, state.candidate),
    )


def _reading(reading: Reading) -> ShownReading:
    share = reading.evidence / reading.threshold if reading.threshold > 0 else 0.0
    name, _, told = reading.told.partition(": ")
    if not name.startswith(reading.metric):
        name, told = reading.metric, reading.told
    return ShownReading(
        metric=reading.metric,
        name=name,
        finding=reading.finding,
        share=max(0.0, share),
        told=told,
        margin=reading.margin,
        low=reading.low,
        high=reading.high,
    )
