"""
The decision: (plan, state, evidence, now) → (next state, actions). Pure.

The command, the state machine, the simulator and the tests all run this very function. It reads no
clock and asks nobody but the judge. Its order is its promise: harm that is proven rolls back before
anything else is looked at, whatever the phase; then the deadline, which never promotes; and only
then what makes a rollout go on, for which all evidence must be there.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from wherry_control.evidence.counts import Evidence
from wherry_control.functions import Traffic
from wherry_control.judging.judge import judge as the_judge
from wherry_control.judging.verdicts import PROMOTE as PROVEN
from wherry_control.judging.verdicts import ROLL_BACK as HARMFUL
from wherry_control.judging.verdicts import Judgement
from wherry_control.rollouts import plan as plans
from wherry_control.rollouts import transitions as to
from wherry_control.rollouts.plan import Plan, Step
from wherry_control.rollouts.state import HELD, PREFLIGHT, State, Transition
from wherry_control.rollouts.transitions import Action, Decision, Move, Preflight

__all__ = ["Action", "Decision", "Move", "Preflight", "after_preflight", "decide"]
WHOLE = 100.0  # percent
Judge = Callable[..., Judgement]  # as `judging.judge.judge`


def decide(
    plan: Plan, state: State, evidence: Evidence, now: datetime, judge: Judge = the_judge
) -> Decision:
    """What to do now. An ended rollout stays as it is; so does one with a move still pending."""
    if state.ended or state.pending is not None:
        return Decision(state)
    if state.on_trial:
        told = to.finite(_ask(judge, plan, state, evidence))
        state = replace(state, judgement=told, trail=to.trailed(state, told, now))
        if told.verdict == HARMFUL:
            return _gives_up(state, told.reason, now, evidence)
    if now >= to.due(plan, state):
        return _too_late(plan, state, evidence, now)
    if state.paused or state.phase == HELD:
        return Decision(state)
    if state.phase == PREFLIGHT:
        return Decision(state, (Preflight(),))
    return _goes_on(plan, state, evidence, now)


def after_preflight(
    plan: Plan, state: State, refusal: str, now: datetime, shadow: Judgement | None = None
) -> Decision:
    """
    What follows a preflight, which passed if `refusal` is empty and its shadow is not against it.

    What the shadow says is the rollout's first judgement, and is told with its numbers.

    A model's first release is live before any rollout, with nothing to go back to: it is checked,
    and that is told, but nothing moves either way.
    """
    state = replace(state, judgement=shadow)
    if shadow is not None and shadow.verdict == HARMFUL:
        refusal = refusal or shadow.reason
    if refusal:
        first = "; it is the first release, so it stays live" if _is_first(state) else ""
        why = f"the preflight failed: {refusal}{first}"
        return to.change(state, Transition("", to.REFUSE, to.home(state), why, shadow), now)
    passed = replace(state, checked=True)
    if _is_first(state) or not plan.steps:
        why = "the preflight passed"
        why += "; it is the first release" if _is_first(state) else "; the plan has no steps"
        intent = Transition("", to.PROMOTE, Traffic(state.candidate), why, shadow)
        return to.change(passed, intent, now)
    return _enters(plan, passed, 0, now, "the preflight passed")


def _ask(judge: Judge, plan: Plan, state: State, evidence: Evidence) -> Judgement:
    strata = (*state.closed, to.current(state, evidence))
    alone = state.fix or state.expected.weight >= WHOLE
    return judge(plan.judge, strata, streak=evidence.streak, alone=alone)


def _gives_up(state: State, why: str, now: datetime, evidence: Evidence) -> Decision:
    intent = Transition("", to.ROLLBACK, to.home(state), why, state.judgement)
    return to.change(state, intent, now, evidence)


def _too_late(plan: Plan, state: State, evidence: Evidence, now: datetime) -> Decision:
    if state.phase == HELD:
        why = f"nobody decided in the {plan.hold_minutes:g} minutes that it was held"
        return _gives_up(state, why, now, evidence)
    why = f"the deadline passed; until then: {state.reason or 'nothing'}"
    if plan.at_deadline == plans.HOLD:
        intent = Transition("", to.HOLD, state.expected, why, state.judgement)
        return to.change(state, intent, now, evidence)
    return _gives_up(state, why, now, evidence)


def _goes_on(plan: Plan, state: State, evidence: Evidence, now: datetime) -> Decision:
    step, told = plan.steps[state.step], state.judgement
    waiting = _waits_for(step, state, evidence, now)
    if waiting or told is None:
        return Decision(replace(state, reason=waiting))
    if state.step + 1 < len(plan.steps):
        if _leaves_stable(plan, state) and told.verdict != PROVEN:
            return Decision(replace(state, reason=f"it waits for proof: {told.reason}"))
        why = f"{evidence.candidate.requests} requests at {step.weight:g} %, and no harm proven"
        return _enters(plan, state, state.step + 1, now, why, evidence)
    if told.verdict != PROVEN:
        return Decision(replace(state, reason=f"it waits for proof: {told.reason}"))
    intent = Transition("", to.PROMOTE, Traffic(state.candidate), told.reason, told)
    return to.change(state, intent, now, evidence)


def _leaves_stable(plan: Plan, state: State) -> bool:
    """Whether nothing can be compared any more after the step that goes on now."""
    return plan.steps[state.step + 1].weight >= WHOLE and not state.fix


def _enters(
    plan: Plan, state: State, number: int, now: datetime, why: str, evidence: Evidence | None = None
) -> Decision:
    traffic = to.at_step(plan, state, number)
    intent = Transition("", to.ADVANCE, traffic, why, state.judgement)
    return to.change(state, intent, now, evidence, step=number)


def _waits_for(step: Step, state: State, evidence: Evidence, now: datetime) -> str:
    """What a step lacks, in words; empty when it has all."""
    if evidence.missing:
        return f"it waits for evidence: {'; '.join(evidence.missing)}"
    lacking = []
    if evidence.candidate.requests < step.requests:
        lacking.append(f"{evidence.candidate.requests} of {step.requests} requests")
    passed = now - state.since
    if passed < timedelta(minutes=step.minutes):
        lacking.append(f"{passed.total_seconds() / 60:.1f} of {step.minutes:g} minutes")
    return f"at {step.weight:g} % it has had {' and '.join(lacking)}" if lacking else ""


def _is_first(state: State) -> bool:
    return state.stable == state.candidate
