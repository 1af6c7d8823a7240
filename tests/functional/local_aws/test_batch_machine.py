"""
The state machine of batch runs, as the template has it, runs in the local AWS. A small function
stands for the real one: it plans what it is told, and does or fails as a partition's name says.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from infra.components.machine import definition
from infra.workers import BatchSettings
from tests.support.emulated import local_aws, until

ROLE = "arn:aws:iam::000000000000:role/any"
PLAN = "out/_wherry/plan.jsonl"
CODE = f"""
import json, os
import boto3

s3 = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])

class RefusedError(Exception):
    pass

def put(key, body=b""):
    s3.put_object(Bucket="data", Key=key, Body=body)

def handler(event, context):
    if event["do"] == "plan":
        names = event["input"].split()
        put("{PLAN}", "".join(json.dumps({{"name": name}}) + "\\n" for name in names).encode())
        planned = {{"partitions": len(names), "run": event["output"]}}
        return {{"bucket": "data", "key": "{PLAN}", **planned}}
    if event["do"] == "finish":
        done = s3.list_objects_v2(Bucket="data", Prefix=event["run"] + "/done/").get("KeyCount", 0)
        return {{"complete": event["run"] != "lame", "done": done}}
    name = event["task"]["name"]
    if name == "bad":
        raise RefusedError("for ever")
    if name == "once":
        try:
            s3.head_object(Bucket="data", Key="tried")
        except Exception:
            put("tried")
            raise RuntimeError("this time")
    folder = name.partition("-")[0]
    put(f"{{folder}}/done/{{name}}", os.environ["SAYS"].encode())
    return {{}}
"""
Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Starts a run, and tells how it ended."""
    with local_aws(tmp_path_factory.mktemp("aws")):
        boto3.client("s3").create_bucket(Bucket="data")
        states = boto3.client("stepfunctions")
        told = json.dumps(definition(_version(), BatchSettings()))
        told = re.sub(r"\$\{Token\[AWS\.Partition[^\]]*\]\}", "aws", told)
        machine = states.create_state_machine(name="batch", definition=told, roleArn=ROLE)

        def ended(names: str, **told: Any) -> dict[str, Any]:
            asked = json.dumps(
                {"input": names, "output": names.partition("-")[0] or "none", **told}
            )
            arn = states.start_execution(stateMachineArn=machine["stateMachineArn"], input=asked)[
                "executionArn"
            ]
            until(lambda: states.describe_execution(executionArn=arn)["status"] != "RUNNING")
            found: dict[str, Any] = states.describe_execution(executionArn=arn)
            if error := json.loads(found.get("output") or "{}").get("Error"):
                found["error"] = error  # MiniStack tells it here too
            return found

        yield ended


def _version() -> str:
    """The ARN of version 1; what is not published says something else."""
    functions = boto3.client("lambda")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", CODE)
    functions.create_function(
        FunctionName="batch", Runtime="python3.11", Role=ROLE, Handler="handler.handler",
        Code={"ZipFile": packed.getvalue()}, Timeout=30,
        Environment={"Variables": {"SAYS": "version 1"}},
    )  # fmt: skip
    version: str = functions.publish_version(FunctionName="batch")["FunctionArn"]
    functions.update_function_configuration(
        FunctionName="batch", Environment={"Variables": {"SAYS": "the next one"}}
    )
    return version


def test_each_partition_of_the_plan_is_done_by_the_version_that_the_machine_names(run: Run) -> None:
    found = run("a-1 a-2 a-3")

    assert found["status"] == "SUCCEEDED"
    assert json.loads(found["output"]) == {"complete": True, "done": 3}
    (kept,) = {
        boto3.client("s3").get_object(Bucket="data", Key=f"a/done/a-{n}")["Body"].read()
        for n in (1, 2, 3)
    }
    assert kept == b"version 1"


def test_a_run_without_rows_is_counted_too(run: Run) -> None:
    found = run("")

    assert found["status"] == "SUCCEEDED"
    assert json.loads(found["output"])["done"] == 0


def test_what_fails_once_is_tried_again(run: Run) -> None:
    found = run("once")

    assert found["status"] == "SUCCEEDED"
    assert json.loads(found["output"])["done"] == 1


@pytest.mark.parametrize("percent", [0, 50])
def test_what_is_hopeless_keeps_no_neighbour_from_its_end(run: Run, percent: int) -> None:
    """Whatever share is tolerated, a run counts what it did."""
    found = run(f"c{percent}-1 bad", tolerated_percent=percent)

    assert json.loads(found["output"])["done"] == 1


def test_a_run_that_is_not_complete_fails_by_that_name(run: Run) -> None:
    found = run("lame")

    assert (found["status"], found["error"]) == ("FAILED", "Incomplete")
