"""What a decision is asked in tests: a plan, states at its steps, and a judge with one answer."""

from datetime import datetime, timedelta
from typing import Any

from tests.support.rollout_store_contract import AT, state
from wherry_control.evidence.counts import Counts, Evidence
from wherry_control.functions import Traffic
from wherry_control.judging.settings import JudgeSettings
from wherry_control.judging.verdicts import Judgement, Reading, Stratum, Verdict
from wherry_control.rollouts.decide import Decision, Move, decide
from wherry_control.rollouts.plan import Plan, Step
from wherry_control.rollouts.state import State

PLAN = Plan(
    steps=(Step(weight=10, requests=100, minutes=5), Step(weight=50, requests=200, minutes=1)),
    deadline_minutes=60,
    hold_minutes=30,
)
ENOUGH = Evidence(Counts(900), Counts(100))
AT_REST, TENTH, HALF, ALL = (
    Traffic("1"),
    Traffic("1", "2", 10),
    Traffic("1", "2", 50),
    Traffic("2"),
)


class Judge:
    """Says what it is told to, and remembers what it was asked."""

    def __init__(self, verdict: Verdict = "inconclusive", *readings: Reading) -> None:
        self.asked: list[dict[str, Any]] = []
        self._says = Judgement(verdict, "because", readings)

    def __call__(
        self, settings: JudgeSettings, strata: tuple[Stratum, ...], **named: Any
    ) -> Judgement:
        self.asked.append({"settings": settings, "strata": strata, **named})
        return self._says


def after(minutes: float) -> datetime:
    return AT + timedelta(minutes=minutes)


def at_step(number: int = 0, **more: Any) -> State:
    traffic = (TENTH, HALF)[number]
    return state(phase="step", step=number, left=traffic, checked=True, **more)


def decided(
    at: State,
    verdict: Verdict = "inconclusive",
    evidence: Evidence = ENOUGH,
    minutes: float = 5,
    plan: Plan = PLAN,
) -> Decision:
    return decide(plan, at, evidence, after(minutes), Judge(verdict))


def moves(decision: Decision) -> list[tuple[str, Traffic]]:
    return [
        (action.transition.action, action.transition.after)
        for action in decision.actions
        if isinstance(action, Move)
    ]
