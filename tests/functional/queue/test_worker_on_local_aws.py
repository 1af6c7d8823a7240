"""The worker with real queues, tables, buckets and aliases: one result each, wherever they go."""

import json
from typing import Any

import pytest
from boto3 import Session

from tests.support.lambda_process import python
from tests.support.onnx_models import scaled
from tests.support.queue_aws import QueueStack, queue_stack, release
from tests.support.queue_events import Context, Sent, kafka, rabbitmq, sqs
from tests.support.requests_v2 import features
from tests.support.services import NOW
from wherry.aws.workers import queue_parts
from wherry.errors import ConfigurationError
from wherry.queue.handling import EventHandler
from wherry.queue.results import MOST_BYTES
from wherry.queue.work import Worker
from wherry.store import ModelStore
from wherry.workers import WorkerSettings

ROWS = b'{"f0": 1, "f1": 2, "f2": 3, "f3": 4}'
RESULTS, CLAIMS = "queue/tiny/results/", "queue/tiny/claims/"


@pytest.fixture
def stack(session: Session) -> QueueStack:
    return queue_stack(session)


def handler(stack: QueueStack, **changed: str) -> EventHandler:
    told = {**aws(stack), **stack.variables, **changed}
    return EventHandler(Worker(queue_parts(WorkerSettings.from_environment(told))))


def aws(stack: QueueStack) -> dict[str, str]:
    """How any process reaches the local AWS."""
    return {
        "AWS_ENDPOINT_URL": stack.session.client("sqs").meta.endpoint_url,
        "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
    }  # fmt: skip


def test_each_result_is_in_the_queue_and_in_the_bucket_and_is_the_same(stack: QueueStack) -> None:
    told = handler(stack)(
        sqs(Sent("rows", ROWS), Sent("tensors", features()), Sent("bad", b"{")), Context()
    )

    assert told == {"batchItemFailures": []}
    kept = {name: json.loads(data) for name, data in stack.objects(RESULTS).items()}
    assert kept["rows.json"]["result"]["prediction"]["prediction"] == 20
    assert kept["tensors.json"]["result"]["outputs"][0]["name"] == "prediction"
    assert kept["bad.json"]["status"] == 400
    assert {result["release"] for result in kept.values()} == {"1"}
    by_id = {f"{result['id']}.json": result for result in stack.told}
    assert by_id == kept


@pytest.mark.parametrize("event", [rabbitmq, kafka])
def test_other_brokers_messages_are_answered_too(stack: QueueStack, event: Any) -> None:
    handler(stack)(event(Sent("15", ROWS)), Context())

    (result,) = stack.told
    assert result["status"] == 200


def test_a_message_that_comes_again_is_told_again_and_kept_once(stack: QueueStack) -> None:
    event = sqs(Sent("m", ROWS))
    handler(stack)(event, Context())
    handler(stack)(event, Context())  # a new environment

    first, again = stack.told
    assert first == again
    assert len(stack.objects(RESULTS)) == 1


def test_other_content_by_the_same_id_leaves_the_first_result(stack: QueueStack) -> None:
    work = handler(stack)
    work(sqs(Sent("m", ROWS)), Context())
    told = work(sqs(Sent("m", features())), Context())

    assert told == {"batchItemFailures": []}
    kept = {name: json.loads(data)["status"] for name, data in stack.objects(RESULTS).items()}
    assert kept.pop("m.json") == 200
    ((conflict, status),) = kept.items()
    assert conflict.startswith("conflicts/m/")
    assert status == 409


def test_a_payload_can_be_claimed_and_a_large_answer_is(stack: QueueStack) -> None:
    rows = MOST_BYTES // 8
    body = features(shape=[rows, 4], data=[1.5] * rows * 4)
    stack.session.client("s3").put_object(Bucket=stack.bucket, Key=f"{CLAIMS}mine/1", Body=body)
    claim = json.dumps({"claim": f"s3://{stack.bucket}/{CLAIMS}mine/1"}).encode()
    secret = json.dumps({"claim": f"s3://{stack.bucket}/models/tiny"}).encode()

    handler(stack)(sqs(Sent("large", claim), Sent("elsewhere", secret)), Context())

    results = {result["id"]: result for result in stack.told}
    where = results["large"]["claim"].removeprefix(f"s3://{stack.bucket}/{RESULTS}")
    answer = json.loads(stack.objects(RESULTS)[where])
    assert answer["outputs"][0]["shape"] == [rows, 1]
    assert "is not below" in results["elsewhere"]["error"]


def test_results_can_go_to_one_place_alone(stack: QueueStack) -> None:
    handler(stack, WHERRY_RESULTS="")(sqs(Sent("queue", ROWS)), Context())
    assert [result["id"] for result in stack.told] == ["queue"]
    assert not stack.objects(RESULTS)

    handler(stack, WHERRY_RESULTS_QUEUE="")(sqs(Sent("s3", ROWS)), Context())
    assert not stack.told
    assert list(stack.objects(RESULTS)) == ["s3.json"]

    with pytest.raises(ConfigurationError, match="neither"):
        handler(stack, WHERRY_RESULTS="", WHERRY_RESULTS_QUEUE="")


def test_a_fifo_queue_of_results_keeps_the_order_of_each_group(session: Session) -> None:
    stack = queue_stack(session, fifo=True)
    sent = [Sent(f"{group}{n}", ROWS, group) for n in range(4) for group in ("a", "b")]

    handler(stack)(sqs(*sent), Context())

    told = [result["id"] for result in stack.told]
    assert [name for name in told if name[0] == "a"] == ["a0", "a1", "a2", "a3"]
    assert [name for name in told if name[0] == "b"] == ["b0", "b1", "b2", "b3"]


def test_in_the_middle_of_a_rollout_the_weights_of_the_alias_say_who_answers(
    stack: QueueStack,
) -> None:
    version = ModelStore.open(f"s3://{stack.bucket}").publish(scaled(3), now=NOW)
    client, function = stack.session.client("lambda"), stack.variables["WHERRY_FUNCTION"]
    told = {"WHERRY_DIGEST": version.digest, "WHERRY_MODEL_VERSION": "2"}
    candidate = release(client, function, told)
    handler(stack)(sqs(Sent("before", ROWS)), Context())
    client.update_alias(
        FunctionName=function,
        Name="live",
        RoutingConfig={"AdditionalVersionWeights": {candidate: 0.5}},
    )

    handler(stack)(sqs(*(Sent(f"m{n}", ROWS) for n in range(20))), Context())

    results = {result["id"]: result for result in stack.told}
    assert results.pop("before")["release"] == "1"
    values = {
        (result["release"], result["result"]["prediction"]["prediction"])
        for result in results.values()
    }
    assert values == {("1", 20.0), (candidate, 30.0)}


def test_a_table_that_is_gone_loses_no_message(stack: QueueStack) -> None:
    told = handler(stack, WHERRY_MESSAGES_TABLE="absent")(sqs(Sent("m", ROWS)), Context())

    assert told == {"batchItemFailures": [{"itemIdentifier": "m"}]}
    assert not stack.told


def test_the_function_answers_as_lambda_calls_it(stack: QueueStack) -> None:
    code = """
import json, sys
from functions.inference.queue import handler
class Context:
    def get_remaining_time_in_millis(self): return 30000
told = handler(json.load(sys.stdin), Context())
print(json.dumps(told))
print("aws_cdk" in sys.modules or "wherry_control" in sys.modules)
"""
    done = python(
        code, environment={**aws(stack), **stack.variables}, told=json.dumps(sqs(Sent("m", ROWS)))
    )

    assert done.returncode == 0, done.stderr
    line, told, strange = done.stdout.splitlines()
    assert json.loads(line)["prediction_id"] == "m"
    assert json.loads(line)["Rows"] == 1
    assert (json.loads(told), strange) == ({"batchItemFailures": []}, "False")
    assert [result["id"] for result in stack.told] == ["m"]


def test_what_is_missing_is_named_at_the_start() -> None:
    done = python(
        "import functions.inference.queue",
        environment={"WHERRY_MODEL": "iris", "WHERRY_STORE": "store", "WHERRY_FUNCTION": "f"},
    )

    assert "WHERRY_CLAIMS is missing" in done.stderr
