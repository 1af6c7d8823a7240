"""
A rollout run by AWS's parts, on the local AWS: the real functions of operations/ with their layer,
the real state machine, and a model's log that is really handed over. Only the model is small.
"""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from boto3 import Session

from tests.support.emulated import local_aws, until
from tests.support.evidence_fakes import FakeEvidence
from tests.support.operations import Operations
from tests.support.rolled_out import FUNCTION, artifact, release
from tests.support.stores import NOW
from wherry.errors import RefusedError
from wherry.store import ModelStore
from wherry_control.evidence.cloudwatch import CloudWatchPlatform
from wherry_control.evidence.counts import Counts, Evidence
from wherry_control.evidence.dynamo import DynamoEvidence
from wherry_control.functions import ALIAS, Traffic
from wherry_control.gateway import Gateway
from wherry_control.ledger import DynamoLedger
from wherry_control.rollouts.controller import RolloutController
from wherry_control.rollouts.dynamo import DynamoRollouts
from wherry_control.rollouts.plan import Plan, Step
from wherry_control.rollouts.runner import StepFunctions

GROUP = f"/aws/lambda/{FUNCTION}"
STORE = "s3://wherry-dev-000000000000-us-east-1"


@dataclass(frozen=True)
class Deployed:
    """A model with two releases, and what rolls it out."""

    session: Session
    operations: Operations
    runner: StepFunctions

    def client(self, service: str) -> Any:
        return self.session.client(service)

    @property
    def evidence(self) -> DynamoEvidence:
        return DynamoEvidence(self.client("dynamodb"), self.operations.tables["evidence"])

    @property
    def controller(self) -> RolloutController:
        """The commands of a person, who ticks nothing."""
        tables, dynamo = self.operations.tables, self.client("dynamodb")
        return RolloutController(
            functions=Gateway(self.session),
            ledger=DynamoLedger(dynamo, tables["ledger"]),
            store=DynamoRollouts(dynamo, tables["rollouts"]),
            evidence=FakeEvidence(),
            gather=lambda *_: Evidence(),
            preflight=refuse,
            function=lambda model: f"wherry-dev-{model}",
            clock=lambda: datetime.now(UTC),
            holder="somebody",
        )

    def live(self) -> Traffic:
        return Gateway(self.session).live(FUNCTION).traffic

    def execution(self, rollout: str) -> dict[str, Any]:
        """What became of the state machine's execution."""
        arn = self.runner.arn.replace(":stateMachine:", ":execution:")
        told: dict[str, Any] = self.client("stepfunctions").describe_execution(
            executionArn=f"{arn}:{rollout}"
        )
        return told

    def ask(self, event: dict[str, Any]) -> str:
        """Ask the live alias; return the version that answered."""
        told = self.client("lambda").invoke(
            FunctionName=FUNCTION, Qualifier=ALIAS, Payload=json.dumps(event).encode()
        )
        return str(told["ExecutedVersion"])


def refuse(plan: Plan, state: object) -> None:
    raise RefusedError("here", f"{plan} {state}")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with local_aws(tmp_path_factory.mktemp("local")) as told:
        session = Session(region_name=told["AWS_REGION"])
        operations = Operations(session)
        operations.subscribe(GROUP, operations.function("evidence_rollup"))
        runner = operations.runner(operations.function("rollout_tick"))
        session.client("s3").create_bucket(Bucket=STORE.removeprefix("s3://"))
        store = ModelStore.open(STORE, told)
        digests = [store.publish(artifact(each), now=NOW).digest for each in ("one", "two")]
        release(session.client("lambda"), *digests)
        machine = StepFunctions(session.client("stepfunctions"), runner)
        yield Deployed(session, operations, machine)


def begin(deployed: Deployed, candidate: str) -> str:
    """Start a rollout and leave it to the state machine; return its name."""
    plan = Plan(
        steps=(Step(weight=25),), tick_seconds=1, smoke_requests=4,
        deadline_minutes=10, hold_minutes=10,
    )  # fmt: skip
    state = deployed.controller.start("iris", plan, candidate=candidate)
    deployed.runner.begin(state.rollout, "iris")
    return state.rollout


def ended(deployed: Deployed, rollout: str) -> dict[str, Any]:
    """What the state machine came to."""
    until(lambda: deployed.execution(rollout)["status"] != "RUNNING")
    told = deployed.execution(rollout)
    assert told["status"] == "SUCCEEDED", told
    turn: dict[str, Any] = json.loads(told["output"])["tick"]
    return turn


def test_a_rollout_is_ticked_until_it_has_ended_and_every_request_is_evidence(
    deployed: Deployed,
) -> None:
    began = datetime.now(UTC) - timedelta(minutes=1)
    rollout = begin(deployed, "2")
    until(lambda: deployed.live() == Traffic("1", "2", 25))

    with ThreadPoolExecutor(4) as pool:
        answered = Counter(pool.map(deployed.ask, [{}] * 40))
    late = deployed.ask({"hang": True})

    def counted() -> dict[str, Counts]:
        sums: dict[str, Counts] = {}
        for each in deployed.evidence.minutes("iris", began, began + timedelta(minutes=5)):
            sums[each.release] = sums.get(each.release, Counts()) + each.counts
        return sums

    until(lambda: sum(each.requests for each in counted().values()) == 41)
    answered[late] += 1
    assert {each: counts.requests for each, counts in counted().items()} == answered
    assert counted()[late].errors == {"timeout": 1}

    platform = CloudWatchPlatform(deployed.client("cloudwatch"))
    invoked = platform.invoked(FUNCTION, ["1", "2"], began, began + timedelta(minutes=5))
    assert sum((Counter({each.release: each.invocations}) for each in invoked), Counter()) == (
        answered
    )
    assert {each.release for each in invoked if each.errors} == {late}

    deployed.controller.abort("iris")
    turn = ended(deployed, rollout)
    assert turn["done"] is True
    assert turn["turn"] > 2
    assert deployed.live() == Traffic("1")


def test_a_candidate_that_answers_wrongly_gets_no_request(deployed: Deployed) -> None:
    """The golden examples are replayed by the function, with the store's own bytes."""
    rollout = begin(deployed, "3")

    ended(deployed, rollout)

    kept = deployed.controller.store.load("iris")
    assert kept is not None
    assert kept.state.phase == "rolled_back"
    assert "example 'one'" in kept.state.reason
    assert deployed.live() == Traffic("1")


def test_a_candidate_whose_shadow_answered_otherwise_gets_no_request(deployed: Deployed) -> None:
    """The function that ticks reads the model's log by itself."""
    at, group = datetime.now(UTC), {"logGroupName": GROUP, "logStreamName": "shadow"}
    told = {"message": "shadow", "release": "4", "stable_release": "1", "exact": True}
    counts = {"rows": 2, "same": 0}
    lines = [json.dumps({**told, **counts, "of": f"{number:032x}"}) for number in range(50)]
    moment = int(at.timestamp() * 1000)
    deployed.client("logs").create_log_stream(**group)
    deployed.client("logs").put_log_events(
        **group, logEvents=[{"timestamp": moment, "message": each} for each in lines]
    )

    rollout = begin(deployed, "4")
    ended(deployed, rollout)

    kept = deployed.controller.store.load("iris")
    assert kept is not None
    assert kept.state.phase == "rolled_back"
    assert "shadow: of 50 compared with release 1, 100 % differ" in kept.state.reason
    assert deployed.live() == Traffic("1")


def test_an_execution_that_was_stopped_is_followed_by_another_however_often(
    deployed: Deployed,
) -> None:
    """Also under a name that is taken: else a rollout would be resumed in words alone."""
    rollout = begin(deployed, "2")
    until(lambda: deployed.live() == Traffic("1", "2", 25))

    for number in (1, 2):
        for arn in running(deployed):
            deployed.client("stepfunctions").stop_execution(executionArn=arn)
        assert running(deployed) == []
        deployed.runner.begin(rollout, "iris")
        assert len(running(deployed)) == 1, f"time {number}"

    began = deployed.controller.newest("iris").ticked
    until(lambda: deployed.controller.newest("iris").ticked != began)
    deployed.controller.abort("iris")
    until(lambda: running(deployed) == [])
    assert deployed.live() == Traffic("1")


def running(deployed: Deployed) -> list[str]:
    told = deployed.client("stepfunctions").list_executions(
        stateMachineArn=deployed.runner.arn, statusFilter="RUNNING"
    )
    return [each["executionArn"] for each in told["executions"]]
