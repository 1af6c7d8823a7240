"""Where the state of each model's newest rollout is kept: one at a time, by compare-and-set."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from wherry.errors import ConflictError
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.state import State

LEASE: Final = 300.0  # seconds; more than one turn takes, with a preflight in it


@dataclass(frozen=True)
class Kept:
    """
    A rollout as it is kept; `revision` proves, when it is saved, that nobody saved it first.

    `ticked` is when the lease was last taken, which is what every turn does first; it is no part of
    what is saved, and is known of what was loaded.
    """

    plan: Plan
    state: State
    revision: int
    ticked: datetime | None = field(default=None, compare=False)


class RolloutStore(Protocol):
    """One item a model: its newest rollout, running or ended; and a lease on working at it."""

    def load(self, model: str) -> Kept | None: ...

    def create(self, plan: Plan, state: State) -> Kept:
        """Begin; ConflictError, which names it, if another rollout of the model is not done."""
        ...

    def save(self, kept: Kept, state: State) -> Kept:
        """Put the next state in place of `kept`; ConflictError if it is not what is there."""
        ...

    def acquire(self, model: str, holder: str, now: datetime, seconds: float) -> bool:
        """Take or renew the lease; False while another holder's has not run out."""
        ...

    def release(self, model: str, holder: str) -> None:
        """Give the lease back, if it is this holder's."""
        ...


def already_runs(model: str, kept: Kept | None, asked: Plan | None = None) -> ConflictError:
    """
    Why another rollout cannot begin; `kept` is the one that runs, as far as it can be read.

    `asked` is the plan of the other one, which may be all that differs.
    """
    state = kept.state if kept is not None else None
    what = f"rollout {state.rollout} of release {state.candidate}" if state else "another rollout"
    other = kept is not None and asked is not None and asked != kept.plan
    return ConflictError(
        f"rollout of {model}",
        f"{what} has not ended{', and goes by another plan' if other else ''}",
        f"Watch it with `wherry rollout watch {model}`, let it go on with `wherry rollout resume "
        f"{model}`, or end it with `wherry rollout abort {model}`.",
    )
