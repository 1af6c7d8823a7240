"""Whole rollouts, by the decision that runs on AWS."""

from dataclasses import replace

import pytest

from wherry_control.rollouts.plan import HOLD, Plan, Step
from wherry_control.rollouts.state import PROMOTED, ROLLED_BACK
from wherry_control.simulation.rehearsal import Rehearsal, rehearse
from wherry_control.simulation.scenarios import HALF_BROKEN, IDENTICAL, Scenario, scenarios

PLAN = Plan(
    steps=(Step(weight=10, requests=100, minutes=2), Step(weight=50, requests=100, minutes=2))
)


def scenario(name: str) -> Scenario:
    return next(each for each in scenarios() if each.name == name)


def rehearsed(name: str, plan: Plan = PLAN, *, per_minute: int = 2_000) -> Rehearsal:
    return rehearse(plan, scenario(name), per_minute=per_minute, seed=(1,))


def test_a_good_candidate_goes_through_the_steps_and_is_promoted() -> None:
    told = rehearsed(IDENTICAL)

    assert told.phase == PROMOTED
    assert [str(turn.after) for turn in told.turns] == [
        "release 1 90 %, candidate 2 10 %",
        "release 1 50 %, candidate 2 50 %",
        "release 2 100 %",
    ]
    assert told.turns[0].minutes == 0
    assert told.turns[1].minutes == 2


def test_each_step_begins_without_the_requests_of_the_one_before() -> None:
    """2 minutes at 10 % are 400 requests of the candidate, and 2 at 20 % are 800 more."""
    plan = replace(PLAN, steps=(*(replace(PLAN.steps[0], weight=each) for each in (10, 20, 50)),))

    told = [int(turn.reason.split()[0]) for turn in rehearsed(IDENTICAL, plan).turns[1:3]]

    assert told == [pytest.approx(400, rel=0.2), pytest.approx(800, rel=0.2)]


def test_a_bad_one_is_rolled_back_at_the_first_tick_and_hurts_few() -> None:
    told = rehearsed(HALF_BROKEN)

    assert told.phase == ROLLED_BACK
    assert told.minutes == 1
    assert told.requests == 2_000
    assert 50 < told.failed < 150
    assert "errors" in told.turns[-1].reason


def test_a_streak_of_errors_is_told_tick_by_tick() -> None:
    """With a judge that is asked for more than it can prove, only the hard stop is left."""
    broken = scenario(HALF_BROKEN)
    broken = replace(broken, candidate=replace(broken.candidate, errors=1.0))
    plan = replace(PLAN, judge=replace(PLAN.judge, alpha=1e-100, consecutive_errors=30))

    told = rehearse(plan, broken, per_minute=100, seed=(1,))

    assert told.phase == ROLLED_BACK
    assert told.candidate >= 30
    assert "newest" in told.turns[-1].reason


@pytest.mark.parametrize(("fallback", "minutes"), [("roll_back", 10), ("hold", 15)])
def test_what_cannot_be_proven_is_never_promoted(fallback: str, minutes: float) -> None:
    """At the deadline it is rolled back, or held first."""
    told = rehearsed(
        IDENTICAL,
        replace(
            PLAN,
            deadline_minutes=10,
            at_deadline=HOLD if fallback == HOLD else "roll_back",
            hold_minutes=5,
        ),
        per_minute=2,
    )

    assert told.phase == ROLLED_BACK
    assert told.minutes == minutes


def test_ticks_that_do_not_divide_the_traffic_lose_none_of_it() -> None:
    told = rehearsed(HALF_BROKEN, replace(PLAN, tick_seconds=7), per_minute=100)

    assert told.requests == int(100 * told.minutes)
