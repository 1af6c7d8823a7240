"""What people say to a rollout, on data alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.rollout_store_contract import AT, state
from wherry.errors import RefusedError
from wherry_control.evidence.counts import Counts, Evidence
from wherry_control.functions import Traffic
from wherry_control.judging.verdicts import Stratum
from wherry_control.rollouts.commands import abort, moved_by_hand, pause, promote, resume
from wherry_control.rollouts.plan import Plan, Step
from wherry_control.rollouts.state import Phase, State, Transition
from wherry_control.rollouts.transitions import Decision

PLAN = Plan(steps=(Step(weight=10), Step(weight=50)), deadline_minutes=60)
NOW = AT + timedelta(minutes=30)
TENTH = Traffic("1", "2", 10)
SEEN = Evidence(Counts(9), Counts(1))
RUNNING = state(phase="step", left=TENTH, checked=True)
HELD = replace(RUNNING, phase="held", held=AT)


def move(decision: Decision) -> tuple[str, Traffic]:
    pending = decision.state.pending
    assert pending is not None
    return pending.action, pending.after


def test_a_pause_moves_nothing_and_a_resume_ends_it() -> None:
    paused = pause(RUNNING, NOW)
    resumed = resume(PLAN, replace(paused.state, pending=None), NOW)

    assert (move(paused), paused.state.paused) == (("pause", TENTH), True)
    assert (move(resumed), resumed.state.paused) == (("resume", TENTH), False)
    assert resumed.state.phase == "step"
    assert resumed.state.due is None


def test_a_pause_before_the_preflight_is_resumed_before_it() -> None:
    paused = pause(state(), NOW).state
    resumed = resume(PLAN, replace(paused, pending=None), NOW)

    assert (paused.phase, paused.paused) == ("preflight", True)
    assert resumed.state.phase == "preflight"
    assert move(resumed) == ("resume", Traffic("1"))


def test_a_hold_is_resumed_at_its_step_with_a_new_deadline() -> None:
    decision = resume(PLAN, HELD, NOW)

    assert move(decision) == ("resume", TENTH)
    assert (decision.state.phase, decision.state.held) == ("step", None)
    assert decision.state.due == NOW + timedelta(minutes=60)


def test_a_weight_that_somebody_moved_goes_back_to_the_step_s() -> None:
    for traffic in (Traffic("1", "2", 77), Traffic("2", "1", 5)):
        assert move(resume(PLAN, replace(HELD, left=traffic), NOW)) == ("resume", TENTH)


def test_what_has_other_releases_in_it_cannot_be_resumed() -> None:
    for traffic in (Traffic("3"), Traffic("1", "3", 10)):
        with pytest.raises(RefusedError, match="Abort this rollout"):
            resume(PLAN, replace(HELD, left=traffic), NOW)


def test_to_say_again_what_holds_already_changes_nothing() -> None:
    paused = replace(RUNNING, paused=True)

    assert pause(paused, NOW) == Decision(paused)
    assert pause(HELD, NOW) == Decision(HELD)
    assert resume(PLAN, RUNNING, NOW) == Decision(RUNNING)
    for ended, command in ((_ended("promoted"), promote), (_ended("rolled_back"), abort)):
        assert command(ended, SEEN, NOW) == Decision(ended)


def test_somebody_promotes_with_the_evidence_of_the_step_kept() -> None:
    for at in (RUNNING, HELD, replace(RUNNING, paused=True)):
        decision = promote(at, SEEN, NOW)

        assert move(decision) == ("promote", Traffic("2"))
        assert decision.state.closed == (Stratum(0.1, Counts(9), Counts(1)),)


def test_nobody_promotes_what_has_not_passed_its_preflight() -> None:
    with pytest.raises(RefusedError, match="preflight has not passed"):
        promote(state(), Evidence(), NOW)


def test_somebody_aborts_in_every_phase() -> None:
    for at in (state(), RUNNING, HELD, replace(RUNNING, paused=True)):
        assert move(abort(at, SEEN, NOW)) == ("rollback", Traffic("1"))


def test_what_has_ended_is_refused_with_how_and_why() -> None:
    promoted, rolled_back = _ended("promoted"), _ended("rolled_back")

    said = r"has ended \((promoted|rolled back): because\)"
    with pytest.raises(RefusedError, match=said):
        pause(promoted, NOW)
    with pytest.raises(RefusedError, match=said):
        resume(PLAN, rolled_back, NOW)
    with pytest.raises(RefusedError, match=said):
        promote(rolled_back, SEEN, NOW)
    with pytest.raises(RefusedError, match=said):
        abort(promoted, SEEN, NOW)


@pytest.mark.parametrize(
    ("traffic", "action", "phase"),
    [
        (Traffic("1"), "rollback", "rolled_back"),
        (Traffic("2"), "promote", "promoted"),
        (Traffic("1", "2", 40), "hold", "held"),
        (Traffic("3"), "hold", "held"),
        (Traffic("1", "3", 10), "hold", "held"),
    ],
)
def test_the_rollout_follows_a_hand_at_the_alias(traffic: Traffic, action: str, phase: str) -> None:
    decision = moved_by_hand(RUNNING, traffic, NOW)

    assert move(decision) == (action, traffic)
    assert decision.state.phase == phase
    assert f"moved by hand, to {traffic}" in decision.state.reason
    assert decision.state.closed == ()


def test_a_hand_undoes_the_move_that_was_pending() -> None:
    pending = Transition("r-1/1", "step", Traffic("1", "2", 50), "", before=TENTH)
    at = replace(RUNNING, step=1, transitions=1, left=pending.after, pending=pending)

    followed = moved_by_hand(at, Traffic("1"), NOW).state.pending

    assert followed is not None
    assert (followed.key, followed.before, followed.after) == ("r-1/2", TENTH, Traffic("1"))


def test_a_hold_has_a_time_at_which_it_began() -> None:
    held = moved_by_hand(RUNNING, Traffic("3"), NOW).state

    assert held.held == NOW


def _ended(phase: Phase) -> State:
    return replace(RUNNING, phase=phase, reason="because")
