"""
Transitions: how one state becomes the next, whoever wants it. Pure.

A transition is first written into the state as pending, then the alias is moved, then the ledger
is told, then `settled` clears it. Each has a key, `<rollout>/<number>`, by which it is told once.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from wherry_control.evidence.counts import Evidence
from wherry_control.functions import DIGITS, Traffic
from wherry_control.judging.verdicts import Judgement, Stratum
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.state import (
    HELD,
    PREFLIGHT,
    PROMOTED,
    ROLLED_BACK,
    STEP,
    Phase,
    Point,
    State,
    Transition,
)

START: Final = "start"
REFUSE: Final = "refuse"
ADVANCE: Final = "step"
HOLD: Final = "hold"
PAUSE: Final = "pause"
RESUME: Final = "resume"
PROMOTE: Final = "promote"
ROLLBACK: Final = "rollback"
PHASES: Mapping[str, Phase] = {
    START: PREFLIGHT,
    REFUSE: ROLLED_BACK,
    ADVANCE: STEP,
    HOLD: HELD,
    PROMOTE: PROMOTED,
    ROLLBACK: ROLLED_BACK,
}
POINTS = 240  # of a trail
REVISIONS = 32  # remembered; a read is never stale by that many moves
HUGE = 1e9  # stands for a boundless evidence, which JSON has no word for


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


def change(
    state: State, intent: Transition, now: datetime, evidence: Evidence | None = None, **more: Any
) -> Decision:
    """
    What `intent` (its key and `before` are given here) makes of the state.

    Where traffic moves, or the rollout ends, the current step is closed with its evidence; without
    evidence it is left out. `more` are fields of the next state.
    """
    state = replace(state, transitions=state.transitions + 1)
    pending = replace(intent, key=state.key, before=state.expected)
    phase = PHASES.get(intent.action, state.phase)
    following = replace(
        state,
        phase=phase,
        pending=pending,
        left=intent.after,
        reason=intent.reason,
        held=now if phase == HELD else None,
    )
    if intent.after != state.expected or following.ended:
        following = replace(
            following, since=now, closed=(*state.closed, *_closing(state, evidence))
        )
    return Decision(replace(following, **more), (Move(pending),))


def settled(state: State, revision: str, now: datetime) -> State:
    """
    The state whose pending transition was carried out; the alias has this revision now.

    If traffic moved, the evidence of what follows begins now, and not when it was decided: between
    the two, a controller may have been killed.
    """
    pending = state.pending
    moved = pending is not None and pending.after != pending.before
    revisions = (*(known for known in state.revisions if known != revision), revision)
    return replace(
        state,
        pending=None,
        since=now if moved else state.since,
        revisions=revisions[-REVISIONS:],
    )


def current(state: State, evidence: Evidence) -> Stratum:
    """The step that is going on, with its evidence so far."""
    return Stratum(state.expected.weight / 100, evidence.stable, evidence.candidate)


def at_step(plan: Plan, state: State, number: int) -> Traffic:
    """Where traffic goes at a step, in as many digits as AWS is asked for."""
    weight = round(float(plan.steps[number].weight), DIGITS)
    return Traffic(state.stable, state.candidate, weight)


def home(state: State) -> Traffic:
    """
    Where traffic goes when the candidate is given up.

    That is all to the stable release. If somebody moved the alias to where the candidate has no
    trial, that is not this rollout's to undo.
    """
    left = state.expected
    if state.candidate not in (left.stable, left.candidate):
        return left
    if left.stable == state.candidate:
        return Traffic(state.stable) if left.candidate == state.stable else left
    return Traffic(left.stable)


def due(plan: Plan, state: State) -> datetime:
    """When the deadline is, or, while it is held, when it is given up."""
    if state.held is not None:
        return state.held + timedelta(minutes=plan.hold_minutes)
    return state.due or state.started + timedelta(minutes=plan.deadline_minutes)


def finite(judgement: Judgement) -> Judgement:
    """The same in numbers that JSON can hold: evidence at most HUGE, no bound where it is none."""
    readings = tuple(
        replace(
            reading,
            evidence=_clamped(reading.evidence),
            threshold=_clamped(reading.threshold),
            low=_bound(reading.low),
            high=_bound(reading.high),
        )
        for reading in judgement.readings
    )
    return replace(judgement, readings=readings)


def trailed(state: State, judgement: Judgement, now: datetime) -> tuple[Point, ...]:
    """The trail with one point more; every second one is dropped when there are too many."""
    shares = {
        reading.metric: round(reading.evidence / reading.threshold, 4) if reading.threshold else 0.0
        for reading in judgement.readings
    }
    trail = (*state.trail, Point(now, state.expected.weight, shares))
    return trail if len(trail) <= POINTS else (*trail[:-1:2], trail[-1])


def _closing(state: State, evidence: Evidence | None) -> tuple[Stratum, ...]:
    return (current(state, evidence),) if evidence is not None and state.on_trial else ()


def _clamped(value: float) -> float:
    return 0.0 if math.isnan(value) else max(-HUGE, min(HUGE, value))


def _bound(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
