"""
Whole rollouts: a plan, from the preflight to its end, by the very decision that runs on AWS.

Every `tick_seconds` of made-up time, what came since the last tick is added to the evidence, and
`decide` is asked; what it wants is done to a simulated alias at once. Evidence is never late, the
preflight passes, and a streak of errors is told as far as ticks tell: whole ticks that failed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.random import Generator, default_rng

from wherry_control.evidence.counts import Counts, Evidence
from wherry_control.functions import Traffic
from wherry_control.rollouts.decide import Decision, Move, Preflight, after_preflight, decide
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.state import PREFLIGHT, State, Transition
from wherry_control.rollouts.transitions import settled
from wherry_control.simulation.alias import SimulatedAlias
from wherry_control.simulation.scenarios import Scenario
from wherry_control.simulation.traffic import Behaviour, series

STABLE, CANDIDATE = "1", "2"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS = 60.0


@dataclass(frozen=True)
class Turn:
    """One transition: after how many minutes, what was done, where traffic went by it, and why."""

    minutes: float
    action: str
    after: Traffic
    reason: str


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """
    One rollout that has ended, `phase` says how.

    `requests` are those of both releases, `candidate` the candidate's. `failed` of the latter got
    an error, and `slow` were over the SLO.
    """

    phase: str
    turns: tuple[Turn, ...]
    requests: int
    candidate: int
    failed: int
    slow: int

    @property
    def minutes(self) -> float:
        return self.turns[-1].minutes


@dataclass
class _Seen:
    """What came so far: of the step that is going on, and of all of it."""

    step: dict[str, Counts] = field(default_factory=dict)
    whole: dict[str, Counts] = field(default_factory=dict)
    streak: int = 0

    def add(self, new: Mapping[str, Counts]) -> None:
        for release, counts in new.items():
            self.step[release] = self.step.get(release, Counts()) + counts
            self.whole[release] = self.whole.get(release, Counts()) + counts
        tried, beside = (new.get(name, Counts()) for name in (CANDIDATE, STABLE))
        outage = beside.failed * 2 > beside.requests  # of both: it says nothing of either
        if tried.requests and not outage:
            self.streak = self.streak + tried.failed if tried.failed == tried.requests else 0

    def evidence(self) -> Evidence:
        stable, candidate = (self.step.get(name, Counts()) for name in (STABLE, CANDIDATE))
        return Evidence(stable, candidate, self.streak)


def rehearse(plan: Plan, scenario: Scenario, *, per_minute: int, seed: Iterable[int]) -> Rehearsal:
    """One rollout of this plan, of a candidate as the scenario has it, from start to end."""
    generator = default_rng(list(seed))
    behaviours = {STABLE: scenario.stable, CANDIDATE: scenario.candidate}
    alias, seen, turns = SimulatedAlias(STABLE, CANDIDATE), _Seen(), list[Turn]()
    state, now = _begun(), BEGIN
    while True:
        asked = _asked(plan, state, seen.evidence(), now)
        moved = _moved(alias, asked.state, now)
        if moved.since != state.since:
            seen.step = {}
        state = moved
        turns += [
            _turn(action.transition, now) for action in asked.actions if isinstance(action, Move)
        ]
        if state.ended:
            return _ended(state, tuple(turns), seen.whole)
        now += timedelta(seconds=plan.tick_seconds)
        arrived = _arrived(plan, per_minute, now)
        seen.add(_answered(generator, behaviours, alias.route(generator, arrived)))


def _begun() -> State:
    return State(
        rollout="rehearsal",
        model="rehearsal",
        function="rehearsal",
        stable=STABLE,
        candidate=CANDIDATE,
        phase=PREFLIGHT,
        started=BEGIN,
        since=BEGIN,
    )


def _asked(plan: Plan, state: State, evidence: Evidence, now: datetime) -> Decision:
    """The decision; and in place of a preflight, what follows one that has passed."""
    told = decide(plan, state, evidence, now)
    if any(isinstance(action, Preflight) for action in told.actions):
        return after_preflight(plan, told.state, "", now)
    return told


def _moved(alias: SimulatedAlias, state: State, now: datetime) -> State:
    """The state with its pending move made, if it has one; a hold leaves the alias where it is."""
    if state.pending is None:
        return state
    live = alias.live
    if state.expected != live.traffic:
        live = alias.move(state.expected, revision=live.revision)
    return settled(state, live.revision, now)


def _turn(told: Transition, now: datetime) -> Turn:
    minutes = (now - BEGIN).total_seconds() / SECONDS
    return Turn(minutes, told.action, told.after, told.reason)


def _arrived(plan: Plan, per_minute: int, now: datetime) -> int:
    """Requests of the tick that ends now: whole ones, which make up the rate in the long run."""
    by_now, before = (
        int(per_minute * (each - BEGIN).total_seconds() / SECONDS)
        for each in (now, now - timedelta(seconds=plan.tick_seconds))
    )
    return by_now - before


def _answered(
    generator: Generator, behaviours: Mapping[str, Behaviour], routed: Mapping[str, int]
) -> dict[str, Counts]:
    return {
        release: series(generator, behaviours[release], np.array([requests])).counts(0)
        for release, requests in routed.items()
    }


def _ended(state: State, turns: tuple[Turn, ...], whole: Mapping[str, Counts]) -> Rehearsal:
    tried = whole.get(CANDIDATE, Counts())
    return Rehearsal(
        phase=state.phase,
        turns=turns,
        requests=sum(each.requests for each in whole.values()),
        candidate=tried.requests,
        failed=tried.failed,
        slow=tried.slow,
    )
