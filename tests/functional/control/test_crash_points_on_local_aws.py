"""
Kill the controller at every single API call of a rollout, on the local AWS: it converges.

The calls are boto3's own, each with what it truly does to Lambda's alias and to the tables; the
unit tests have many more ways to fail, on parts in memory.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from boto3 import Session
from botocore.exceptions import ReadTimeoutError

from tests.support.emulated import local_aws, new_table
from tests.support.evidence_fakes import FakeEvidence
from tests.support.rollout_gate import DIE_AFTER, DIE_BEFORE, LOST, Killed
from tests.support.rollout_world import PLAN, START, good, remembered
from wherry.errors import CloudError
from wherry_control.evidence.counts import Evidence
from wherry_control.functions import ALIAS, Traffic
from wherry_control.gateway import Gateway
from wherry_control.ledger import DynamoLedger
from wherry_control.rollouts.controller import RolloutController
from wherry_control.rollouts.dynamo import DynamoRollouts
from wherry_control.rollouts.runner import StepFunctions
from wherry_control.rollouts.store import LEASE

ROLE = "arn:aws:iam::000000000000:role/function"
ACTIONS = ["start", "step", "step", "promote"]


class Api:
    """Counts the calls of a session, and lets one of them go wrong."""

    def __init__(self, session: Session) -> None:
        self.arm()
        session.events.register("before-send", self._before)
        session.events.register("after-call", self._after)

    def arm(self, fault: str = "", at: int = -1) -> None:
        self.fault, self.at, self.count, self.done = fault, at, 0, False

    def _before(self, **_told: Any) -> None:
        if self._is_due(DIE_BEFORE):
            raise Killed

    def _after(self, **_told: Any) -> None:
        if self._is_due(DIE_AFTER):
            raise Killed
        if self._is_due(LOST):
            raise ReadTimeoutError(endpoint_url="local")
        self.count += 1

    def _is_due(self, fault: str) -> bool:
        due = (fault, self.count) == (self.fault, self.at) and not self.done
        self.done = self.done or due
        return due


class World:
    """A function with two releases, tables, and a clock that only the test moves."""

    def __init__(self, session: Session, broken: Session) -> None:
        self.session = session
        self.broken = broken
        self.api = Api(broken)
        self.gateway = Gateway(session)
        self.now = START
        self.model = ""
        self.function = f"wherry-dev-m{uuid4().hex[:8]}"
        _publish(session.client("lambda"), self.function)
        self.ledger = new_table(session.client("dynamodb"), "sequence", "N")
        self.rollouts = new_table(session.client("dynamodb"))
        self.machine = _machine(session.client("stepfunctions"))

    def anew(self) -> None:
        """Another model behind the same function, with all traffic at release 1."""
        self.model, self.now = f"m-{uuid4().hex[:8]}", START
        live = self.gateway.live(self.function)
        self.gateway.move(self.function, Traffic("1"), revision=live.revision)

    def controller(self, session: Session) -> RolloutController:
        tables = session.client("dynamodb")
        return RolloutController(
            functions=Gateway(session),
            ledger=DynamoLedger(tables, self.ledger),
            store=DynamoRollouts(tables, self.rollouts),
            evidence=FakeEvidence(),
            gather=self._gathered,
            preflight=lambda _plan, _state: None,
            function=lambda _model: self.function,
            clock=lambda: self.now,
            holder=uuid4().hex,
            judge=remembered,
        )

    def run(self) -> RolloutController:
        """The whole rollout, with a new controller whenever one was killed."""
        controller, begun = self.controller(self.broken), False
        for _ in range(20):
            try:
                begun = begun or self.begin(controller)
                if controller.tick(self.model).done:
                    return self.controller(self.session)
            except Killed:
                controller = self.controller(self.broken)
                self.now += timedelta(seconds=LEASE)
            except CloudError:
                pass
            self.now += timedelta(seconds=60)
        raise AssertionError("it never ended")

    def begin(self, controller: RolloutController) -> bool:
        """As `wherry rollout start` does it; if it is killed or told nothing, it is repeated."""
        state = controller.start(self.model, PLAN)
        machines = self.broken.client("stepfunctions")
        StepFunctions(machines, self.machine).begin(state.rollout, self.model)
        return True

    def executions(self) -> list[str]:
        """What was set to tick this rollout; ended here, since nobody ticks really."""
        machines = self.session.client("stepfunctions")
        told = machines.list_executions(stateMachineArn=self.machine, statusFilter="RUNNING")
        for each in told["executions"]:
            machines.stop_execution(executionArn=each["executionArn"])
        return [each["name"] for each in told["executions"]]

    def _gathered(
        self,
        model: str,
        stable: str,
        candidate: str,
        since: datetime,
        now: datetime,
        ranges: object,
    ) -> Evidence:
        del model, stable, candidate, since, now, ranges
        return good(self.gateway.live(self.function).traffic.weight)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """On a local AWS of its own."""
    with local_aws(tmp_path_factory.mktemp("local")) as told:
        region = told["AWS_REGION"]
        yield World(Session(region_name=region), Session(region_name=region))


@pytest.mark.parametrize("fault", [DIE_BEFORE, DIE_AFTER, LOST])
def test_it_converges_and_tells_each_transition_once(world: World, fault: str) -> None:
    world.anew()
    world.api.arm()
    world.run()
    calls = world.api.count
    world.executions()
    assert calls > 30
    for number in range(calls):
        world.anew()
        world.api.arm(fault, number)

        controller = world.run()

        told = controller.history(world.model)
        where = f"{fault}, call {number}"
        assert world.api.done, where
        assert [entry.action for entry in told] == ACTIONS, where
        assert len({entry.key for entry in told}) == len(ACTIONS), where
        assert controller.report(world.model).live == Traffic("2"), where
        assert world.executions() == [controller.newest(world.model).state.rollout], where


def _machine(client: Any) -> str:
    """It waits, and ticks nothing: the test does."""
    waits = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
    told = client.create_state_machine(
        name=f"rollouts-{uuid4().hex[:8]}", definition=json.dumps(waits), roleArn=ROLE
    )
    return str(told["stateMachineArn"])


def _publish(client: Any, name: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    return {}\n")
    client.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": packed.getvalue()},
    )
    client.publish_version(FunctionName=name)
    client.update_function_configuration(FunctionName=name, Description="another")
    client.publish_version(FunctionName=name)
    client.create_alias(FunctionName=name, Name=ALIAS, FunctionVersion="1")
