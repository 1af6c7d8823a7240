"""The real controller's reports can be shown, and it takes every button that is offered."""

import orjson
import pytest

from tests.support.rollout_world import World, bad, good
from wherry_control.console.actions import offered
from wherry_control.console.view import Experiment, view_of
from wherry_control.rollouts.controller import RolloutController

TICKS = range(5)
DEEDS = {
    "pause": RolloutController.pause,
    "resume": RolloutController.resume,
    "promote": RolloutController.promote,
    "abort": RolloutController.abort,
}


def at_tick(number: int, *, evidence: object = good) -> World:
    world = World(evidence)  # type: ignore[arg-type] # one of its own
    world.controller().start("iris", world.plan)
    for _ in range(number):
        world.later()
        world.controller().tick("iris")
    return world


@pytest.mark.parametrize("evidence", [good, bad])
@pytest.mark.parametrize("number", TICKS)
def test_every_report_can_be_shown(number: int, evidence: object) -> None:
    world = at_tick(number, evidence=evidence)

    told = orjson.loads(orjson.dumps(view_of(world.controller().report("iris"), Experiment(None))))

    assert told["rollout"]["phase"] == world.state.phase
    assert [each["action"] for each in told["history"]][::-1] == [a for a, _ in world.history]


def test_an_error_rate_that_is_proven_is_shown_over_its_threshold() -> None:
    world = at_tick(3, evidence=bad)

    rollout = view_of(world.controller().report("iris"), Experiment(None)).rollout

    assert rollout is not None
    assert rollout.phase == "rolled_back"
    assert any(each.finding == "worse" and each.share >= 1 for each in rollout.readings)
    assert any(share >= 1 for point in rollout.trail for share in point.shares.values())


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("number", TICKS)
def test_every_button_of_a_running_rollout_is_taken(number: int, *, paused: bool) -> None:
    def world() -> World:
        made = at_tick(number)
        if paused and not made.state.ended:
            made.controller().pause("iris")
        return made

    for action in offered(world().controller().report("iris")):
        if action.name in DEEDS:
            there = world()
            before = there.state
            DEEDS[action.name](there.controller(), "iris")
            assert there.state != before, action
