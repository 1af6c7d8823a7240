"""Who ticks a rollout: a loop here, or a state machine on AWS."""

import json
from typing import Any

import pytest

from tests.support.rollout_gate import THROTTLED, Gate
from tests.support.rollout_world import World
from tests.support.state_machines import ARN, Machines
from wherry.errors import CloudError
from wherry_control.rollouts.controller import Tick
from wherry_control.rollouts.loop import PATIENCE, run_here
from wherry_control.rollouts.runner import StepFunctions


def test_the_loop_ticks_until_the_rollout_is_done_and_tells_each_tick() -> None:
    world, told, slept = World(), list[Any](), list[float]()
    controller = world.controller()
    controller.start("iris", world.plan, candidate="2")

    ended = run_here(controller, "iris", slept.append, told.append)

    assert ended.phase == "promoted"
    assert [tick.state.phase for tick in told] == ["step", "step", "promoted"]
    assert slept == [world.plan.tick_seconds] * 2


def test_the_loop_goes_on_when_aws_refuses_for_a_while() -> None:
    world, told = World(), list[Tick | CloudError]()
    world.controller().start("iris", world.plan, candidate="2")
    gate = Gate({0: THROTTLED, 5: THROTTLED})

    ended = run_here(world.controller(gate), "iris", lambda _seconds: None, told.append)

    assert ended.phase == "promoted"
    assert sum(isinstance(each, CloudError) for each in told) == 2


def test_the_loop_gives_up_when_aws_goes_on_refusing() -> None:
    world, told = World(), list[Any]()
    world.controller().start("iris", world.plan, candidate="2")
    gate = Gate(dict.fromkeys(range(99), THROTTLED))

    with pytest.raises(CloudError):
        run_here(world.controller(gate), "iris", lambda _seconds: None, told.append)

    assert len(told) == PATIENCE - 1


def runner(machines: Machines) -> StepFunctions:
    return StepFunctions(machines, ARN)


def test_an_execution_has_the_name_of_the_rollout() -> None:
    machines = Machines()

    runner(machines).begin("iris-2-20261120T120000", "iris")

    [asked] = machines.started
    assert (asked["stateMachineArn"], asked["name"]) == (ARN, "iris-2-20261120T120000")
    assert json.loads(asked["input"]) == {
        "model": "iris",
        "rollout": "iris-2-20261120T120000",
    }


def test_to_begin_again_what_runs_begins_nothing() -> None:
    machines = Machines()

    for _ in range(2):
        runner(machines).begin("r", "iris")

    assert machines.names == ["r"]


@pytest.mark.parametrize("idle", [False, True])
@pytest.mark.parametrize("status", ["ABORTED", "TIMED_OUT", "FAILED"])
def test_to_begin_again_what_was_ended_begins_one_more_however_often(
    status: str, *, idle: bool
) -> None:
    """A name stays taken for 90 days, and nobody ticks by it."""
    machines = Machines()
    for ended in ("r", "r.2", ""):
        for _ in range(3):
            runner(machines).begin("r", "iris", idle=idle)
        if ended:
            machines.statuses[ended] = status

    assert machines.names == ["r", "r.2", "r.3"]
    assert json.loads(machines.started[2]["input"])["rollout"] == "r"


def test_what_has_gone_on_in_another_is_begun_again_only_if_nobody_ticks() -> None:
    """After its 1,000 turns an execution succeeds, and one without a known name goes on."""
    machines = Machines()
    runner(machines).begin("r", "iris")
    machines.statuses["r"] = "SUCCEEDED"

    runner(machines).begin("r", "iris", idle=False)
    assert machines.names == ["r"]

    for _ in range(2):
        runner(machines).begin("r", "iris", idle=True)
    assert machines.names == ["r", "r.2"]


def test_what_else_step_functions_refuses_is_told() -> None:
    with pytest.raises(CloudError, match="wherry-dev-rollouts"):
        runner(Machines("StateMachineDoesNotExist")).begin("r", "iris")
