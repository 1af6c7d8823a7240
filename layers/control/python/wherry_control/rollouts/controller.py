"""
The rollout commands on one target: each reads, asks the pure decision, acts, and writes down.

`tick` is one turn of a running rollout, safe to be killed at any call and safe to be run twice at
once: the lease keeps two from working, and the revisions of state and alias keep two from moving.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from wherry_control.evidence.sources import EvidenceStore, Gather
from wherry_control.functions import Functions
from wherry_control.ledger import Entry, Ledger
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.report import Report
from wherry_control.rollouts.state import State
from wherry_control.rollouts.store import RolloutStore


class Preflight(Protocol):
    """What a candidate must pass before its first live request; RefusedError says why not."""

    def __call__(self, plan: Plan, state: State) -> None: ...


@dataclass(frozen=True)
class Tick:
    """What one turn came to; `wait` seconds until the next, unless the rollout has ended."""

    state: State
    wait: float

    @property
    def done(self) -> bool:
        return self.state.ended


@dataclass(frozen=True, kw_only=True)
class RolloutController:
    """`holder` names who works, in the lease; `function` maps a model's name to its function's."""

    functions: Functions
    ledger: Ledger
    store: RolloutStore
    evidence: EvidenceStore
    gather: Gather
    preflight: Preflight
    function: Callable[[str], str]
    clock: Callable[[], datetime]
    holder: str

    def start(
        self, model: str, plan: Plan, *, candidate: str | None = None, fix: bool = False
    ) -> State:
        """Begin a rollout of the candidate, or of the newest release; the first tick moves it."""
        raise NotImplementedError

    def tick(self, model: str) -> Tick:
        """One turn; a rollout that ended meanwhile is left as it is."""
        raise NotImplementedError

    def pause(self, model: str) -> State:
        raise NotImplementedError

    def resume(self, model: str) -> State:
        """Go on from pause, or from a hold, which gets a new deadline."""
        raise NotImplementedError

    def promote(self, model: str) -> State:
        """Somebody decides: all traffic to the candidate, after the preflight."""
        raise NotImplementedError

    def abort(self, model: str) -> State:
        """End it: all traffic back to stable."""
        raise NotImplementedError

    def report(self, model: str) -> Report:
        raise NotImplementedError

    def history(self, model: str) -> list[Entry]:
        raise NotImplementedError
