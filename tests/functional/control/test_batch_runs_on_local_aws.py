"""Runs and schedules keep their contracts on the local AWS, as the fakes do."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from boto3 import Session

from tests.support.batch_contract import RunsContract, Scheduled, SchedulesContract
from tests.support.emulated import local_aws, until
from wherry.batch.contract import RECEIPTS
from wherry.errors import CloudError
from wherry_control.batch.resumed import done_before
from wherry_control.batch.runs import Counts, StepFunctionsRuns
from wherry_control.batch.schedule import EventBridgeSchedules

ROLE = "arn:aws:iam::000000000000:role/batch"
WAITING = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 300, "End": True}}}
SHARING = {
    "StartAt": "Map",
    "States": {
        "Map": {
            "Type": "Map",
            "ItemsPath": "$.parts",
            "ToleratedFailurePercentage": 100,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Is it bad?",
                "States": {
                    "Is it bad?": {
                        "Type": "Choice",
                        "Choices": [{"Variable": "$.bad", "BooleanEquals": True, "Next": "Bad"}],
                        "Default": "Good",
                    },
                    "Bad": {"Type": "Fail", "Error": "Bad"},
                    "Good": {"Type": "Pass", "End": True},
                },
            },
            "Next": "End",
        },
        "End": {"Type": "Fail", "Error": "Incomplete", "Cause": "1 part is missing"},
    },
}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with local_aws(tmp_path_factory.mktemp("local")) as told:
        yield Session(region_name=told["AWS_REGION"])


def machine(session: Session, definition: dict[str, Any]) -> StepFunctionsRuns:
    client = session.client("stepfunctions")
    told = client.create_state_machine(
        name=f"wherry-dev-m{uuid4().hex[:8]}-batch",
        definition=json.dumps(definition),
        roleArn=ROLE,
    )
    return StepFunctionsRuns(client, told["stateMachineArn"])


class TestStepFunctionsRuns(RunsContract):
    @pytest.fixture
    def runs(self, session: Session) -> StepFunctionsRuns:
        return machine(session, WAITING)


class TestEventBridgeSchedules(SchedulesContract):
    @pytest.fixture
    def scheduled(self, session: Session) -> Scheduled:
        client, name = session.client("scheduler"), f"wherry-dev-m{uuid4().hex[:8]}-batch"
        told = {"input": "s3://data/in/", "output": "s3://data/out/<aws.scheduler.scheduled-time>/"}
        client.create_schedule(
            Name=name,
            ScheduleExpression="cron(0 3 * * ? *)",
            ScheduleExpressionTimezone="Europe/Berlin",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={
                "Arn": "arn:aws:states:us-east-1:000000000000:stateMachine:wherry-dev-iris-batch",
                "RoleArn": ROLE,
                "Input": json.dumps(told),
                "RetryPolicy": {"MaximumRetryAttempts": 2},
            },
        )
        return Scheduled(EventBridgeSchedules(client), name)

    def test_a_switch_keeps_the_targets_retries(
        self, session: Session, scheduled: Scheduled
    ) -> None:
        scheduled.schedules.switch(scheduled.name, enabled=False)

        kept = session.client("scheduler").get_schedule(Name=scheduled.name)
        assert kept["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 2}
        assert kept["FlexibleTimeWindow"] == {"Mode": "OFF"}


def test_partitions_are_counted_as_they_end(session: Session) -> None:
    runs = machine(session, SHARING)

    runs.start("a-1", {"parts": [{"bad": False}, {"bad": True}, {"bad": False}]})
    until(lambda: (found := runs.find("a-1")) is not None and not found.is_running)

    assert runs.counts("a-1") == Counts(total=3, succeeded=2, failed=1, running=0)
    found = runs.find("a-1")
    assert found is not None
    assert (found.status, found.why) == ("failed", "Incomplete: 1 part is missing")


def test_of_a_function_that_failed_its_words_are_told_and_not_its_code(session: Session) -> None:
    said = {"errorMessage": "this folder holds another run", "stackTrace": ["File …", "raise …"]}
    fail = {"Type": "Fail", "Error": "RefusedError", "Cause": json.dumps(said)}
    runs = machine(session, {"StartAt": "F", "States": {"F": fail}})

    runs.start("a-1", {})
    until(lambda: (found := runs.find("a-1")) is not None and not found.is_running)

    found = runs.find("a-1")
    assert found is not None
    assert (found.error, found.why) == ("RefusedError", "this folder holds another run")


def test_a_model_without_batch_runs_is_told_how_to_get_them(session: Session) -> None:
    arn = "arn:aws:states:us-east-1:000000000000:stateMachine:wherry-dev-nobody-batch"
    runs = StepFunctionsRuns(session.client("stepfunctions"), arn)

    for asked in (runs.list, lambda: runs.start("a-1", {})):
        with pytest.raises(CloudError, match=r"no batch runs on this AWS.*\[batch\].*--here"):
            asked()


def test_receipts_are_told_apart_by_when_they_came(session: Session) -> None:
    client, now = session.client("s3"), datetime.now(UTC)
    client.create_bucket(Bucket="resumed")
    for name in ("a", "b"):
        client.put_object(Bucket="resumed", Key=f"out/{RECEIPTS}/{name}.json", Body=b"{}")
    client.put_object(Bucket="resumed", Key="out/part-a.csv", Body=b"")

    assert done_before(client, "s3://resumed/out/", now + timedelta(hours=1)) == 2
    assert done_before(client, "s3://resumed/out", now - timedelta(hours=1)) == 0
