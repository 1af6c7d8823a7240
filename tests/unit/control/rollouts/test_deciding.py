"""The decision, on data alone: when a rollout begins, goes on and ends."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.support.rollout_decisions import (
    ALL,
    AT_REST,
    ENOUGH,
    HALF,
    PLAN,
    TENTH,
    Judge,
    after,
    at_step,
    decided,
    moves,
)
from tests.support.rollout_store_contract import AT, state
from wherry_control.evidence.counts import Counts, Evidence
from wherry_control.functions import Traffic
from wherry_control.judging.verdicts import Judgement, Reading, Stratum, Verdict
from wherry_control.rollouts.decide import Decision, Preflight, after_preflight, decide
from wherry_control.rollouts.plan import Step
from wherry_control.rollouts.state import ENDED, Transition
from wherry_control.rollouts.transitions import HUGE, POINTS, settled


def test_it_begins_with_the_preflight() -> None:
    assert decided(state()).actions == (Preflight(),)


def test_after_the_preflight_the_first_step_begins() -> None:
    decision = after_preflight(PLAN, state(), "", AT)

    assert moves(decision) == [("step", TENTH)]
    assert (decision.state.phase, decision.state.step) == ("step", 0)
    assert decision.state.checked


def test_a_preflight_that_fails_ends_the_rollout_and_moves_nothing() -> None:
    decision = after_preflight(PLAN, state(), "wrong label", AT)

    assert moves(decision) == [("refuse", AT_REST)]
    assert decision.state.phase == "rolled_back"
    assert "wrong label" in decision.state.reason


@pytest.mark.parametrize("steps", [PLAN.steps, ()])
@pytest.mark.parametrize("golden", ["", "wrong label"])
def test_a_shadow_that_differs_is_refused_with_its_numbers(
    steps: tuple[Step, ...], golden: str
) -> None:
    shadow = Judgement("roll_back", "half of them differ", (Reading("shadow", "worse", 0.4, 0.1),))

    decision = after_preflight(replace(PLAN, steps=steps), state(), golden, AT, shadow)

    assert moves(decision) == [("refuse", AT_REST)]
    assert (golden or "half of them differ") in decision.state.reason
    assert decision.state.judgement == shadow
    assert decision.state.pending is not None
    assert decision.state.pending.judgement == shadow


@pytest.mark.parametrize(
    ("steps", "expected"), [(PLAN.steps, ("step", TENTH)), ((), ("promote", ALL))]
)
def test_a_shadow_that_does_not_differ_is_told_and_holds_nothing_up(
    steps: tuple[Step, ...], expected: tuple[str, Traffic]
) -> None:
    shadow = Judgement("inconclusive", "of 9, none", (Reading("shadow", "open", 0.0, 0.1),))

    decision = after_preflight(replace(PLAN, steps=steps), state(), "", AT, shadow)

    assert moves(decision) == [expected]
    assert decision.state.pending is not None
    assert decision.state.pending.judgement == shadow


def test_a_plan_without_steps_promotes_after_the_preflight() -> None:
    decision = after_preflight(replace(PLAN, steps=()), state(), "", AT)

    assert moves(decision) == [("promote", ALL)]


def test_the_first_release_of_all_is_checked_and_stays_where_it_is() -> None:
    first = state(stable="2", candidate="2")

    assert moves(after_preflight(PLAN, first, "", AT)) == [("promote", ALL)]
    refused = after_preflight(PLAN, first, "wrong label", AT)
    assert moves(refused) == [("refuse", ALL)]
    assert refused.state.reason.endswith("it is the first release, so it stays live")


def test_a_step_that_has_requests_and_time_and_no_harm_makes_way_for_the_next() -> None:
    decision = decided(at_step())

    assert moves(decision) == [("step", HALF)]
    assert decision.state.step == 1
    assert decision.state.closed == (Stratum(0.1, ENOUGH.stable, ENOUGH.candidate),)


@pytest.mark.parametrize(
    ("evidence", "minutes", "waits"),
    [
        (replace(ENOUGH, candidate=Counts(99)), 5, "99 of 100 requests"),
        (ENOUGH, 4.9, "4.9 of 5 minutes"),
        (Evidence(), 0, "0 of 100 requests and 0.0 of 5 minutes"),
        (replace(ENOUGH, missing=("no lines",)), 5, "it waits for evidence: no lines"),
    ],
)
def test_a_step_waits_and_says_for_what(evidence: Evidence, minutes: float, waits: str) -> None:
    for verdict in ("inconclusive", "promote"):
        decision = decided(at_step(), verdict, evidence, minutes)

        assert decision.actions == ()
        assert waits in decision.state.reason


def test_the_last_step_waits_for_proof_and_is_then_promoted() -> None:
    plenty = Evidence(Counts(500), Counts(500))

    waiting = decided(at_step(1), "inconclusive", plenty)
    proven = decided(at_step(1), "promote", plenty)

    assert waiting.actions == ()
    assert waiting.state.reason == "it waits for proof: because"
    assert moves(proven) == [("promote", ALL)]
    assert proven.state.phase == "promoted"


def test_proof_in_an_early_step_skips_no_step() -> None:
    assert moves(decided(at_step(), "promote")) == [("step", HALF)]


def test_with_a_move_pending_or_at_its_end_nothing_is_decided() -> None:
    pending = Transition("iris/1", "step", TENTH, "", before=AT_REST)
    for at in (
        state(pending=pending),
        replace(at_step(), phase="promoted"),
        replace(at_step(), phase="rolled_back"),
    ):
        assert decided(at, "roll_back", minutes=999) == Decision(at)


def test_evidence_begins_when_the_move_was_made_and_not_when_it_was_decided() -> None:
    moved = settled(after_preflight(PLAN, state(), "", AT).state, "revision-1", after(7))

    assert (moved.since, moved.pending, moved.revisions) == (after(7), None, ("revision-1",))


def test_evidence_goes_on_where_nothing_moved() -> None:
    held = decided(at_step(), minutes=60, plan=replace(PLAN, at_deadline="hold")).state

    assert settled(held, "revision-1", after(61)).since == AT
    assert held.closed == ()


def test_every_transition_has_a_key_of_its_own() -> None:
    first = after_preflight(PLAN, state(), "", AT).state
    second = decided(replace(first, pending=None), minutes=5).state

    assert [first.pending and first.pending.key, second.pending and second.pending.key] == [
        "r-1/1",
        "r-1/2",
    ]


def test_the_trail_keeps_its_length_its_beginning_and_its_newest_point() -> None:
    judge = Judge("inconclusive", Reading("errors", "open", 1.5, 3.0))
    at = at_step(due=after(9999))
    for minute in range(1000):
        at = decide(PLAN, at, Evidence(), after(minute), judge).state
        assert len(at.trail) <= POINTS
    assert at.trail[-1].at == after(999)
    assert at.trail[0].at == AT
    assert at.trail[-1].shares == {"errors": 0.5}
    times = [point.at for point in at.trail]
    assert times == sorted(times)


def test_numbers_without_bound_are_kept_as_json_can_hold_them() -> None:
    endless = Reading("x", "open", float("inf"), 3.0, low=float("-inf"), high=float("nan"))

    told = decide(PLAN, at_step(), Evidence(), AT, Judge("inconclusive", endless)).state.judgement

    assert told is not None
    assert told.readings == (Reading("x", "open", HUGE, 3.0),)


@settings(max_examples=40, deadline=None)
@given(
    verdicts=some.lists(
        some.sampled_from(("roll_back", "promote", "inconclusive")), min_size=1, max_size=30
    ),
    requests=some.integers(0, 300),
    hold=some.booleans(),
    missing=some.booleans(),
)
def test_whatever_the_judge_says_weights_only_rise_and_the_end_is_reached_in_time(
    verdicts: list[Verdict], requests: int, *, hold: bool, missing: bool
) -> None:
    plan = replace(PLAN, at_deadline="hold" if hold else "roll_back")
    evidence = Evidence(Counts(1000), Counts(requests), missing=("x",) if missing else ())
    at = settled(after_preflight(plan, state(), "", AT).state, "r0", AT)
    seen = [at.expected]
    for minute in range(1, 95):
        said = verdicts[minute % len(verdicts)]
        decision = decide(plan, at, evidence, after(minute), Judge(said))
        at = settled(decision.state, f"r{minute}", after(minute))
        seen.append(at.expected)
        if at.ended:
            break
    weights = [each.weight for each in seen if each.is_split]
    assert at.phase in ENDED
    assert weights == sorted(weights)
    assert at.expected == (ALL if at.phase == "promoted" else AT_REST)
    if missing or requests < 100:
        assert at.phase == "rolled_back"


def test_stable_loses_its_traffic_only_when_the_candidate_is_proven() -> None:
    """Afterwards nothing can be compared: alone, not even the outcome would be asked for."""
    plan = replace(PLAN, steps=(PLAN.steps[0], replace(PLAN.steps[1], weight=100.0)))

    waiting = decided(at_step(), "inconclusive", plan=plan)
    proven = decided(at_step(), "promote", plan=plan)
    fixing = decided(at_step(fix=True), "inconclusive", plan=plan)

    assert moves(waiting) == []
    assert waiting.state.reason == "it waits for proof: because"
    assert moves(proven) == moves(fixing) == [("step", Traffic("1", "2", 100))]
