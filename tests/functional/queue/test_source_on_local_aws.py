"""A queue that calls the function by itself: answered, failed, tried again, laid aside."""

import io
import json
import site
from dataclasses import dataclass
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

from boto3 import Session

from tests.support.emulated import until
from tests.support.lambda_process import ROOT
from tests.support.queue_aws import ROLE, QueueStack, queue_stack, release
from wherry_control.queueing import moving
from wherry_control.queueing.queues import Sent, SqsQueues

# The tree as it is, and this Python's packages: a ZIP runs on an interpreter like ours.
CODE = f"""
import sys
sys.path[:0] = {[str(ROOT), str(ROOT / "layers/runtime/python"), *site.getsitepackages()]!r}
from functions.inference.queue import handler
"""
ROWS = '{"f0": 1, "f1": 2, "f2": 3, "f3": 4}'
ABSENT = {"WHERRY_DIGEST": f"sha256:{'0' * 64}", "WHERRY_MODEL_VERSION": "2"}


@dataclass(frozen=True)
class Source:
    """The queue that the worker answers, and where it lays aside what failed twice."""

    url: str
    dead: str
    worker: str


def a_source(stack: QueueStack) -> Source:
    client, name = stack.session.client("sqs"), f"m-{uuid4().hex[:8]}"
    dead = client.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    policy = {"deadLetterTargetArn": _arn(client, dead), "maxReceiveCount": 2}
    told = {"VisibilityTimeout": "1", "RedrivePolicy": json.dumps(policy)}
    url = client.create_queue(QueueName=name, Attributes=told)["QueueUrl"]
    aws, worker = stack.session.client("lambda"), f"{name}-queue"
    aws.create_function(
        FunctionName=worker, Runtime="python3.11", Role=ROLE, Handler="index.handler",
        Code={"ZipFile": _zip()}, Timeout=30, MemorySize=512,
        Environment={"Variables": {**stack.variables, "ORT_DISABLE_TELEMETRY": "1"}},
    )  # fmt: skip
    aws.create_event_source_mapping(
        EventSourceArn=_arn(client, url), FunctionName=worker, BatchSize=10,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )  # fmt: skip
    return Source(url, dead, worker)


def test_a_candidate_that_cannot_load_fails_its_share_and_a_redrive_answers_it_after_all(
    session: Session,
) -> None:
    stack = queue_stack(session)
    client, function = session.client("lambda"), stack.variables["WHERRY_FUNCTION"]
    candidate = release(client, function, ABSENT)
    _split(client, function, {candidate: 0.5})
    source, queues = a_source(stack), SqsQueues(session.client("sqs"))
    names = {f"m{n}" for n in range(24)} | {"bad"}
    for name in names:
        queues.send(source.url, Sent(id=name, body="{" if name == "bad" else ROWS, token=name))

    def settled() -> bool:
        return len(_results(stack)) + queues.depth(source.dead).waiting == len(names)

    until(settled, 60)
    before = _results(stack)
    assert 4 < len(before) < 22  # about half
    _split(client, function, {})
    told = {**stack.variables, "ORT_DISABLE_TELEMETRY": "1", "NEW": "environment"}
    client.update_function_configuration(
        FunctionName=source.worker, Environment={"Variables": told}
    )
    moving.redrive(queues, source.dead, source.url, lambda _: None)

    until(lambda: len(_results(stack)) == len(names), 60)
    after = _results(stack)
    assert set(after) == names
    assert after | before == after
    assert {name: json.loads(told)["status"] for name, told in after.items()} == {
        **dict.fromkeys(names, 200), "bad": 400,
    }  # fmt: skip
    assert {json.loads(told)["release"] for told in after.values()} == {"1"}


def _results(stack: QueueStack) -> dict[str, bytes]:
    """By the ids of their messages."""
    folder = f"queue/{stack.variables['WHERRY_MODEL']}/results/"
    return {name.removesuffix(".json"): told for name, told in stack.objects(folder).items()}


def _split(client: Any, function: str, weights: dict[str, float]) -> None:
    routing = {"AdditionalVersionWeights": weights}
    client.update_alias(FunctionName=function, Name="live", RoutingConfig=routing)


def _arn(client: Any, url: str) -> str:
    told = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    arn: str = told["Attributes"]["QueueArn"]
    return arn


def _zip() -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("index.py", CODE)
    return file.getvalue()
