"""What people see of a rollout: one value for `status`, `watch`, the console and their JSON."""

from dataclasses import dataclass, field

from wherry_control.evidence.counts import Counts, Minute
from wherry_control.functions import Traffic
from wherry_control.ledger import Entry
from wherry_control.releases import Release
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.state import State


@dataclass(frozen=True, kw_only=True)
class Report:
    """
    A model's releases, where its traffic goes, and its newest rollout (None before the first).

    `stable` and `candidate` are what both did in the current step, `minutes` the same by minute and
    release since the rollout began, `missing` which sources of evidence have not told.
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
