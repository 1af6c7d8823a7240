"""The decision, on data alone: harm, deadlines, pauses and holds."""

from dataclasses import replace

import pytest

from tests.support.rollout_decisions import (
    AT_REST,
    ENOUGH,
    HALF,
    PLAN,
    Judge,
    after,
    at_step,
    decided,
    moves,
)
from tests.support.rollout_store_contract import AT, state
from wherry_control.evidence.counts import Counts, Evidence
from wherry_control.functions import Traffic
from wherry_control.judging.verdicts import Stratum, Verdict
from wherry_control.rollouts.decide import decide
from wherry_control.rollouts.state import State


@pytest.mark.parametrize(
    "at",
    [
        at_step(),
        at_step(1),
        at_step(paused=True),
        replace(at_step(), phase="held", held=AT),
    ],
)
@pytest.mark.parametrize("missing", [(), ("CloudWatch is silent",)])
def test_harm_rolls_back_at_once_whatever_the_phase_and_whatever_is_missing(
    at: State, missing: tuple[str, ...]
) -> None:
    decision = decided(at, "roll_back", replace(ENOUGH, missing=missing), minutes=0)

    assert moves(decision) == [("rollback", AT_REST)]
    assert (decision.state.phase, decision.state.reason) == ("rolled_back", "because")


def test_paused_and_held_rollouts_go_nowhere_on_good_evidence() -> None:
    for at in (at_step(paused=True), replace(at_step(), phase="held", held=AT)):
        assert decided(at, "promote").actions == ()
    assert decided(state(paused=True)).actions == ()


@pytest.mark.parametrize("verdict", ["inconclusive", "promote"])
def test_at_the_deadline_it_rolls_back_or_is_held_and_is_never_promoted(verdict: Verdict) -> None:
    late = decided(at_step(1), verdict, minutes=60)
    held = decided(at_step(1), verdict, minutes=60, plan=replace(PLAN, at_deadline="hold"))

    assert moves(late) == [("rollback", AT_REST)]
    assert moves(held) == [("hold", HALF)]
    assert (held.state.phase, held.state.held) == ("held", after(60))
    assert "the deadline passed" in late.state.reason


def test_a_hold_that_nobody_ends_is_rolled_back() -> None:
    held = replace(at_step(), phase="held", held=AT)

    assert decided(held, minutes=29).actions == ()
    assert moves(decided(held, minutes=30)) == [("rollback", AT_REST)]


def test_a_deadline_that_was_moved_is_the_one_that_counts() -> None:
    assert decided(at_step(due=after(90)), minutes=60, evidence=Evidence()).actions == ()


def test_a_candidate_that_gets_no_traffic_is_not_judged() -> None:
    """So that no earlier judgement is taken for one of now."""
    judge = Judge("roll_back")
    elsewhere = replace(at_step(), phase="held", held=AT, left=Traffic("3"))

    for at in (state(), elsewhere):
        decide(PLAN, at, Evidence(), AT, judge)

    assert judge.asked == []


def test_giving_up_leaves_alone_what_somebody_else_put_at_the_alias() -> None:
    for traffic in (Traffic("3"), Traffic("1", "3", 10), Traffic("2", "3", 10)):
        held = replace(at_step(), phase="held", held=AT, left=traffic)
        assert moves(decided(held, minutes=30)) == [("rollback", traffic)]
    swapped = replace(at_step(), phase="held", held=AT, left=Traffic("2", "1", 10))
    assert moves(decided(swapped, minutes=30)) == [("rollback", AT_REST)]
    beside = replace(at_step(), phase="held", held=AT, left=Traffic("3", "2", 10))
    assert moves(decided(beside, minutes=30)) == [("rollback", Traffic("3"))]


def test_the_judge_sees_every_step_with_its_weight_and_the_streak() -> None:
    judge, closed = Judge(), Stratum(0.1, Counts(9), Counts(1))
    now = Evidence(Counts(5), Counts(5), streak=3)

    decide(PLAN, at_step(1, closed=(closed,)), now, AT, judge)

    assert judge.asked == [
        {
            "settings": PLAN.judge,
            "strata": (closed, Stratum(0.5, Counts(5), Counts(5))),
            "streak": 3,
            "alone": False,
        }
    ]


@pytest.mark.parametrize(
    ("fix", "weight", "alone"), [(False, 50, False), (True, 50, True), (False, 100, True)]
)
def test_the_candidate_is_judged_alone_if_stable_is_broken_or_without_traffic(
    *, fix: bool, weight: float, alone: bool
) -> None:
    judge = Judge()

    decide(PLAN, replace(at_step(fix=fix), left=Traffic("1", "2", weight)), ENOUGH, AT, judge)

    assert judge.asked[0]["alone"] is alone
