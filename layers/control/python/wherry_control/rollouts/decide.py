"""
The decision: (plan, state, evidence, now) → (next state, actions). Pure.

The command, the state machine, the simulator and the tests all run this very function.
"""

from dataclasses import dataclass
from datetime import datetime

from wherry_control.evidence.counts import Evidence
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.state import State, Transition


@dataclass(frozen=True)
class Preflight:
    """Ask the candidate its golden examples and a smoke load, at its version."""


@dataclass(frozen=True)
class Move:
    """Move the alias, and write the transition down."""

    transition: Transition


Action = Preflight | Move


@dataclass(frozen=True)
class Decision:
    """`state` is the next one, with the move still pending; `actions` in their order."""

    state: State
    actions: tuple[Action, ...] = ()


def decide(plan: Plan, state: State, evidence: Evidence, now: datetime) -> Decision:
    """What to do now. An ended rollout stays as it is; so does one whose evidence says nothing."""
    del plan, evidence, now
    return Decision(state)
