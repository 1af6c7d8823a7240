"""The store of rollouts in memory."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock

from wherry.errors import ConflictError
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.state import State
from wherry_control.rollouts.store import Kept, already_runs


@dataclass(frozen=True)
class Lease:
    holder: str
    until: datetime


class FakeRollouts:
    """Threads may share it: what compares and sets does both under a lock."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[str, Kept] = {}
        self._leases: dict[str, Lease] = {}
        self._ticked: dict[str, datetime] = {}

    def load(self, model: str) -> Kept | None:
        kept = self._kept.get(model)
        return replace(kept, ticked=self._ticked.get(model)) if kept else None

    def create(self, plan: Plan, state: State) -> Kept:
        before = self._kept.get(state.model)
        if before is not None and not before.state.done:
            raise already_runs(state.model, before)
        kept = Kept(plan, state, before.revision + 1 if before else 1)
        self._kept[state.model] = kept
        return kept

    def save(self, kept: Kept, state: State) -> Kept:
        model = kept.state.model
        with self._lock:
            if self._kept[model].revision != kept.revision:
                raise ConflictError(f"rollout of {model}", "somebody else went on with it")
            self._kept[model] = replace(kept, state=state, revision=kept.revision + 1)
            return self._kept[model]

    def acquire(self, model: str, holder: str, now: datetime, seconds: float) -> bool:
        lease = self._leases.get(model)
        if lease is not None and lease.holder != holder and now < lease.until:
            return False
        self._leases[model] = Lease(holder, now + timedelta(seconds=seconds))
        self._ticked[model] = now
        return True

    def release(self, model: str, holder: str) -> None:
        if model in self._leases and self._leases[model].holder == holder:
            del self._leases[model]
