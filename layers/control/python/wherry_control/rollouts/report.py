"""What people see of a rollout: one value for `status`, `watch`, the console and their JSON."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from wherry_control.evidence.counts import Counts, Minute
from wherry_control.functions import Traffic
from wherry_control.ledger import Entry
from wherry_control.releases import Release
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.state import State
from wherry_control.rollouts.store import LEASE

TURNS: Final = 3  # that may fail to come before people are told


@dataclass(frozen=True, kw_only=True)
class Report:
    """
    A model's releases, where its traffic goes, and its newest rollout (None before the first).

    `stable` and `candidate` are what both did in the current step, `minutes` the same by minute and
    release since the rollout began, `missing` which sources of evidence have not told. `idle` is
    since when nobody has ticked it, if that is too long ago: then nobody decides, and no deadline
    holds.
    """

    model: str
    function: str
    live: Traffic
    releases: tuple[Release, ...]
    history: tuple[Entry, ...]
    plan: Plan | None = None
    state: State | None = None
    stable: Counts = field(default_factory=Counts)
    candidate: Counts = field(default_factory=Counts)
    minutes: tuple[Minute, ...] = ()
    missing: tuple[str, ...] = ()
    idle: datetime | None = None


def nobody_ticks(told: Report) -> str:
    """That a rollout stands still, since when, and what to do; empty where somebody ticks it."""
    if told.idle is None:
        return ""
    since = f"{told.idle:%Y-%m-%d %H:%M} UTC"
    return f"nobody has ticked since {since}: `wherry rollout resume {told.model}`"


def idle_since(plan: Plan, state: State, ticked: datetime | None, now: datetime) -> datetime | None:
    """
    The last tick, or the start, if it is too long ago for a rollout that somebody ticks.

    One turn may take as long as its lease.
    """
    last = max(ticked or state.started, state.started)
    late = now - last > timedelta(seconds=max(TURNS * plan.tick_seconds, LEASE))
    return last if late and not state.done else None
