"""Who ticks a rollout: a loop here, or a state machine on AWS."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.rollout_gate import THROTTLED, Gate
from tests.support.rollout_world import START, World
from wherry.errors import CloudError
from wherry_control.rollouts.controller import Tick
from wherry_control.rollouts.loop import PATIENCE, run_here
from wherry_control.rollouts.runner import StepFunctions

ARN = "arn:aws:states:eu-central-1:000000000000:stateMachine:wherry-dev-rollouts"


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


class Machines:
    """Step Functions, as far as it starts executions; `refuses` is an error's code."""

    def __init__(self, refuses: str = "") -> None:
        self.started: list[dict[str, str]] = []
        self.statuses: dict[str, str] = {}
        self._refuses = refuses

    def start_execution(self, **asked: str) -> None:
        if self._refuses:
            raise ClientError({"Error": {"Code": self._refuses}}, "StartExecution")
        if asked["name"] in self.statuses:
            raise ClientError({"Error": {"Code": "ExecutionAlreadyExists"}}, "StartExecution")
        self.started.append(asked)
        self.statuses[asked["name"]] = "RUNNING"

    def describe_execution(self, **asked: str) -> dict[str, str]:
        where, _, name = asked["executionArn"].rpartition(":")
        assert where == ARN.replace(":stateMachine:", ":execution:")
        return {"status": self.statuses[name]}


def runner(machines: Machines) -> StepFunctions:
    return StepFunctions(machines, ARN, lambda: START)


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

    assert [asked["name"] for asked in machines.started] == ["r"]


@pytest.mark.parametrize("status", ["ABORTED", "TIMED_OUT", "FAILED", "SUCCEEDED"])
def test_to_begin_again_what_has_come_to_its_end_begins_another(status: str) -> None:
    """Whatever it came to: a name stays taken for 90 days, and nobody ticks by it."""
    machines = Machines()
    runner(machines).begin("r", "iris", "-1")
    machines.statuses["r-1"] = status

    for _ in range(2):
        runner(machines).begin("r", "iris", "-1")

    assert [asked["name"] for asked in machines.started] == ["r-1", "r-1-1120T120000"]
    assert json.loads(machines.started[1]["input"])["rollout"] == "r"


def test_what_else_step_functions_refuses_is_told() -> None:
    with pytest.raises(CloudError, match="wherry-dev-rollouts"):
        runner(Machines("StateMachineDoesNotExist")).begin("r", "iris")


def test_another_run_of_a_rollout_has_a_name_of_its_own() -> None:
    machines = Machines()

    runner(machines).begin("iris-2", "iris", "-5")

    assert machines.started[0]["name"] == "iris-2-5"
    assert json.loads(machines.started[0]["input"])["rollout"] == "iris-2"
