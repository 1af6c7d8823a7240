"""
What people say to a rollout: pause, resume, promote, abort, or a hand at the alias. Pure.

Each gives the decision that carries it out, or raises RefusedError with what can be done instead.
A command that has been carried out already is not refused: it changes nothing.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from wherry.errors import RefusedError
from wherry_control.evidence.counts import Evidence
from wherry_control.functions import Traffic
from wherry_control.rollouts import transitions as to
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.state import HELD, PROMOTED, ROLLED_BACK, State, Transition
from wherry_control.rollouts.transitions import Decision

HAND = "by hand"


def pause(state: State, now: datetime) -> Decision:
    """Stay at this step until somebody resumes it; harm and the deadline still end it."""
    _must_run(state, "paused")
    if state.paused or state.phase == HELD:
        return Decision(state)
    intent = Transition("", to.PAUSE, state.expected, f"paused {HAND}", state.judgement)
    return to.change(state, intent, now, paused=True)


def resume(plan: Plan, state: State, now: datetime) -> Decision:
    """
    Go on from a pause, or from a hold, which gets a new deadline.

    If somebody moved the weight meanwhile, it goes back to the step's.
    """
    _must_run(state, "resumed")
    if state.phase != HELD and not state.paused:
        return Decision(state)
    left = state.expected
    if not {left.stable, left.candidate} <= {state.stable, state.candidate, None}:
        raise _refused(
            state, f"the alias was moved to {left}", "Abort this rollout, then start another."
        )
    if state.checked and plan.steps:
        phase, after = "step", to.at_step(plan, state, state.step)
    else:
        phase, after = "preflight", Traffic(state.stable)
    more: dict[str, Any] = {"phase": phase, "paused": False}
    if state.phase == HELD:
        more |= {"held": None, "due": now + timedelta(minutes=plan.deadline_minutes)}
    intent = Transition("", to.RESUME, after, f"resumed {HAND}", state.judgement)
    return to.change(state, intent, now, **more)


def promote(state: State, evidence: Evidence, now: datetime) -> Decision:
    """All traffic to the candidate: somebody decided so. Only its preflight is insisted on."""
    if state.phase == PROMOTED:
        return Decision(state)
    _must_run(state, "promoted")
    if not state.checked:
        raise _refused(state, "its preflight has not passed yet", "Wait for the first tick.")
    intent = Transition(
        "", to.PROMOTE, Traffic(state.candidate), f"promoted {HAND}", state.judgement
    )
    return to.change(state, intent, now, evidence, paused=False)


def abort(state: State, evidence: Evidence, now: datetime) -> Decision:
    """Give the candidate up."""
    if state.phase == ROLLED_BACK:
        return Decision(state)
    _must_run(state, "aborted")
    intent = Transition("", to.ROLLBACK, to.home(state), f"aborted {HAND}", state.judgement)
    return to.change(state, intent, now, evidence, paused=False)


def given_up(state: State, now: datetime) -> Decision:
    """The same by `wherry rollout rollback`; one that has ended stays as it ended."""
    return Decision(state) if state.ended else abort(state, Evidence(), now)


def unmade(state: State, now: datetime) -> Decision:
    """The same where a move is pending that was not made, be it a promotion: it never is."""
    state = replace(state, pending=None, left=_before(state))
    intent = Transition("", to.ROLLBACK, to.home(state), f"rolled back {HAND}", state.judgement)
    return to.change(state, intent, now, paused=False)


def moved_by_hand(state: State, traffic: Traffic, now: datetime) -> Decision:
    """
    Somebody else moved the alias, to `traffic`: that is accepted, never undone.

    All traffic at one of the two releases ends the rollout; anything else holds it. The evidence of
    the step is left out: some of it was made with other weights.
    """
    state = replace(state, pending=None, left=_before(state))
    action, todo = to.HOLD, "; resume, promote or abort it"
    if traffic == Traffic(state.candidate) and state.candidate != state.stable:
        action, todo = to.PROMOTE, ""
    elif traffic == Traffic(state.stable):
        action, todo = to.ROLLBACK, ""
    intent = Transition("", action, traffic, f"moved {HAND}, to {traffic}{todo}", state.judgement)
    return to.change(state, intent, now)


def _before(state: State) -> Traffic:
    """Where the alias was before the move that is pending, which will not be made."""
    if state.pending is not None and state.pending.before is not None:
        return state.pending.before
    return state.expected


def _must_run(state: State, wanted: str) -> None:
    if state.ended:
        how = "promoted" if state.phase == PROMOTED else "rolled back"
        raise _refused(
            state,
            f"it has ended ({how}: {state.reason}), so it cannot be {wanted}",
            f"`wherry rollout start {state.model}` begins another.",
        )


def _refused(state: State, what: str, todo: str) -> RefusedError:
    return RefusedError(f"rollout {state.rollout}", what, todo)
