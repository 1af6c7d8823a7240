"""What may be rolled out, and what a start begins."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.ledger_contract import entry
from tests.support.rollout_gate import DIE_BEFORE, Gate, Killed
from tests.support.rollout_world import FUNCTION, PLAN, World, bad, started, to_the_end
from wherry.errors import ConflictError, RefusedError, UsageError
from wherry_control.functions import FunctionVersion, Traffic
from wherry_control.rollouts.plan import Plan


def with_one_release(**parts: Any) -> World:
    world = World(**parts)
    for version in ("2", "3"):
        world.functions.delete(FUNCTION, version)
    return world


def test_start_moves_nothing_and_tells_what_begins() -> None:
    world = World()

    state = world.controller().start("iris", world.plan)

    assert (state.stable, state.candidate, state.phase) == ("1", "3", "preflight")
    assert world.functions.moves == []
    assert [(item.action, item.rollout) for item in world.ledger.entries("iris")] == [
        ("start", state.rollout)
    ]


def test_the_first_release_of_all_has_a_preflight_and_nothing_else() -> None:
    world = with_one_release()

    to_the_end(world, started(world, candidate=None))

    assert world.preflights == ["1"]
    assert world.functions.moves == []
    assert [action for action, _ in world.history] == ["start", "promote"]
    with pytest.raises(RefusedError, match="newest"):
        world.controller().start("iris", world.plan)


def test_a_first_release_that_was_refused_can_be_checked_again() -> None:
    world = with_one_release(refuses="wrong label")

    to_the_end(world, started(world, candidate="1"))

    assert [action for action, _ in world.history] == ["start", "refuse"]
    assert world.controller().start("iris", world.plan).candidate == "1"


@pytest.mark.parametrize(
    ("candidate", "said"),
    [("1", "cannot be its own candidate"), ("9", "no release 9"), ("$LATEST", "never served")],
)
def test_a_candidate_that_cannot_be_tried_is_refused(candidate: str, said: str) -> None:
    world = World()
    world.ledger.append(entry(action="promote", after=Traffic("1")))

    with pytest.raises(UsageError, match=said):
        world.controller().start("iris", world.plan, candidate=candidate)


def test_a_candidate_with_another_role_is_refused() -> None:
    world = World()
    world.functions.publish(FunctionVersion("4", role="another"))

    with pytest.raises(RefusedError, match="execution role"):
        world.controller().start("iris", world.plan, candidate="4")


def test_traffic_that_is_split_by_hand_is_refused() -> None:
    world = World()
    world.hand(Traffic("1", "2", 10))

    with pytest.raises(RefusedError, match="split by hand"):
        world.controller().start("iris", world.plan)


def test_only_one_rollout_of_a_model_runs() -> None:
    world = World()
    started(world)

    with pytest.raises(ConflictError, match=r"iris-2-.* of release 2 has not ended"):
        world.controller().start("iris", world.plan, candidate="3")


@pytest.mark.parametrize("asked", [{"candidate": "3"}, {}])
def test_a_start_that_is_said_again_begins_nothing_and_gives_what_runs(
    asked: dict[str, Any],
) -> None:
    """By its name or as the newest release, also when it has moved on."""
    world = World()
    begun = started(world, candidate="3")
    begun.tick("iris")
    running, history = world.state, world.history

    assert world.controller().intent("iris", world.plan, **asked) == running
    assert world.controller().start("iris", world.plan, **asked) == running
    assert (world.state, world.history) == (running, history)


def test_a_start_that_was_killed_before_it_told_the_ledger_is_finished_by_the_next() -> None:
    world = World()
    gate = Gate({7: DIE_BEFORE})
    with pytest.raises(Killed):
        world.controller(gate).start("iris", world.plan, candidate="2")
    assert gate.names[-1] == "append"

    started(world)

    assert world.state.pending is None
    assert world.history == [("start", Traffic("1"))]


def test_the_same_candidate_judged_otherwise_is_another_rollout() -> None:
    world = World()
    started(world)

    with pytest.raises(ConflictError, match="`wherry rollout resume iris`"):
        started(world, fix=True)


@pytest.mark.parametrize(
    "plan", [Plan(steps=()), replace(PLAN, judge=replace(PLAN.judge, distance=0.2))]
)
def test_the_same_candidate_by_another_plan_is_another_rollout(plan: Plan) -> None:
    """Else it would be obeyed in words: the plan that is kept is the one that holds."""
    world = World()
    begun = started(world)
    state = world.state

    with pytest.raises(ConflictError, match="has not ended, and goes by another plan"):
        begun.start("iris", plan, candidate="2")
    with pytest.raises(ConflictError, match="another plan"):
        begun.intent("iris", plan, candidate="2")

    assert world.state == state


def test_a_rollout_can_follow_one_that_ended() -> None:
    world = World(bad)
    to_the_end(world, started(world))
    world.later()

    assert world.controller().start("iris", world.plan, candidate="3").candidate == "3"


@pytest.mark.parametrize(("experiment", "told"), [("{}", True), ("", False)])
def test_a_start_says_that_subjects_of_an_experiment_will_change_arms(
    experiment: str, told: object
) -> None:
    world = World()
    world.functions.publish(
        FunctionVersion("4", environment={"WHERRY_EXPERIMENT": experiment} if experiment else {})
    )

    state = world.controller().start("iris", world.plan, candidate="4")

    assert ("their experiments differ" in state.reason) == told
