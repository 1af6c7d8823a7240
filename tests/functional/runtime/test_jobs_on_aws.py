"""Jobs on the local AWS: DynamoDB, S3 by its own links, SQS, and the worker's handler."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import httpx
import numpy as np
import orjson
import pytest

from tests.support.binary_v2 import binary, binary_request
from tests.support.emulated import local_aws, until
from tests.support.jobs import JOBS, KEY, World
from tests.support.jobs_contract import JobsContract
from tests.support.lambda_process import python
from tests.support.requests_v2 import outputs_of, request
from tests.support.services import published
from wherry.aws.jobs import BucketObjects, open_jobs, open_queue
from wherry.errors import WherryError
from wherry.jobs.messages import JobMessages
from wherry.jobs.settings import JobRules, JobSettings
from wherry.jobs.store import Jobs

RULES = JobRules(keep_hours=1, most_mb=64)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with local_aws(tmp_path_factory.mktemp("aws")) as told:
        yield told


@pytest.fixture(scope="module")
def settings(environment: dict[str, str]) -> JobSettings:
    name = f"wherry-dev-{uuid4().hex[:8]}-jobs"
    boto3.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    boto3.client("s3").create_bucket(Bucket=name)
    queue = boto3.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    assert environment
    return JobSettings(table=name, queue=queue, place=f"s3://{name}/jobs/tiny", rules=RULES)


class TestOnAws(JobsContract):
    @pytest.fixture
    def jobs(self, settings: JobSettings, environment: dict[str, str]) -> Jobs:
        return open_jobs(settings, environment)


@pytest.fixture
def world(settings: JobSettings, environment: dict[str, str]) -> World:
    return World(open_jobs(settings, environment), rules=RULES)


Deliver = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def deliver(world: World, settings: JobSettings) -> Deliver:
    """Give the worker what is in the queue, as Lambda does, and acknowledge what it has done."""
    sqs, queue = boto3.client("sqs"), open_queue(settings)
    messages = JobMessages(world.worker(), queue.later, receives=3)

    def go() -> list[dict[str, Any]]:
        told = sqs.receive_message(
            QueueUrl=settings.queue,
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        records = [_record(message) for message in told.get("Messages", [])]
        failed = messages.take({"Records": records}, lambda: 60.0)["batchItemFailures"]
        again = {one["itemIdentifier"] for one in failed}
        for record in records:
            if record["messageId"] not in again:
                sqs.delete_message(QueueUrl=settings.queue, ReceiptHandle=record["receiptHandle"])
        return failed

    return go


def _record(message: dict[str, Any]) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
    }


def test_twenty_megabytes_go_up_and_come_down_as_in_process(world: World, deliver: Deliver) -> None:
    rows = np.random.default_rng(1).random((20_000_000 // 16, 4), np.float32)
    body, length = binary_request(
        binary("features", "FP32", list(rows.shape), rows.tobytes()),
        parameters={"binary_data_output": True},
        outputs=[{"name": "prediction"}],
    )
    told = world.take(
        body=b"",
        x_wherry_upload=str(len(body)),
        inference_header_content_length=str(length),
    )

    assert httpx.put(told["upload"]["url"], content=body).status_code == 200
    assert world.ask("POST", told["url"]).status == 202
    assert deliver() == []
    result = world.look(told["id"])["result"]
    came = httpx.get(result["url"])

    assert len(came.content) == result["bytes"]
    assert came.headers["content-type"] == "application/octet-stream"
    numbers = came.content[int(result["headers"]["inference-header-content-length"]) :]
    wanted = world.service.predict({"features": rows})["prediction"]
    assert np.array_equal(np.frombuffer(numbers, np.float32), wanted.ravel())


def test_a_compressed_result_comes_with_its_coding(world: World, deliver: Deliver) -> None:
    rows = orjson.dumps([[1, 2, 3, 4]] * 1000)
    told = world.take("/predict/tiny/jobs", rows, accept_encoding="gzip")

    deliver()
    came = httpx.get(world.look(told["id"])["result"]["url"])

    assert came.headers["content-encoding"] == "gzip"
    assert len(came.json()["predictions"]) == 1000


def test_the_links_of_an_erased_job_lead_nowhere(world: World, deliver: Deliver) -> None:
    told = world.take()
    deliver()
    url = world.look(told["id"])["result"]["url"]
    assert outputs_of(httpx.get(url).content)["prediction"] == [[20]]

    assert world.ask("DELETE", told["url"]).status == 204

    assert httpx.get(url).status_code == 404
    assert all(world.jobs.objects.size(key) is None for key in world.job(told["id"]).objects)


def test_a_link_has_its_time(world: World, deliver: Deliver) -> None:
    told = world.take()
    deliver()

    asked = httpx.URL(world.look(told["id"])["result"]["url"]).params

    assert asked["X-Amz-Expires"] == "900"
    assert asked["X-Amz-SignedHeaders"] == "host"


def test_the_link_of_an_upload_is_for_its_announced_size(world: World) -> None:
    """S3 refuses another length, whose signature it is not."""
    told = world.take(body=b"", x_wherry_upload="7")

    asked = httpx.URL(told["upload"]["url"]).params

    assert asked["X-Amz-SignedHeaders"] == "content-length;host"


def test_a_record_goes_by_its_time_to_live(world: World, settings: JobSettings) -> None:
    told = world.take()

    item = boto3.client("dynamodb").get_item(
        TableName=settings.table, Key={"id": {"S": told["id"]}}
    )["Item"]

    assert int(item["expires"]["N"]) == int(world.time + 3600)
    assert set(item) == {"id", "revision", "expires", "job"}
    assert b"mine" not in json.dumps(item).encode()


def test_what_fails_comes_again_soon(world: World, settings: JobSettings, deliver: Deliver) -> None:
    """Not when its queue says, which is after the longest attempt, several times over."""
    until(lambda: deliver() == [])
    sqs, told = boto3.client("sqs"), world.take()
    asked = {"QueueUrl": settings.queue, "VisibilityTimeout": 3600}
    (message,) = sqs.receive_message(**asked)["Messages"]
    assert "Messages" not in sqs.receive_message(**asked)

    open_queue(settings).later(message["ReceiptHandle"], 0.5)
    until(lambda: deliver() == [] and world.look(told["id"])["status"] == "succeeded")


def test_who_has_no_bucket_is_told_so(environment: dict[str, str]) -> None:
    objects = BucketObjects("s3://no-such-bucket-here/jobs", boto3.Session(), environment)

    with pytest.raises(WherryError, match="bucket"):
        objects.put("a/input", b"", {})
    with pytest.raises(WherryError, match="bucket"):
        objects.read("a/input", 1)
    with pytest.raises(WherryError, match="bucket"):
        objects.delete(["a/input"])


def test_the_worker_and_the_app_start_from_their_environment(
    settings: JobSettings, environment: dict[str, str], tmp_path: Path
) -> None:
    """Both functions, in processes of their own, as Lambda starts them."""
    release = published(tmp_path / "store")
    told = {
        **environment,
        **release,
        "WHERRY_FUNCTION": "wherry-dev-tiny",
        "WHERRY_JOBS_TABLE": settings.table,
        "WHERRY_JOBS_QUEUE": settings.queue,
        "WHERRY_JOBS": settings.place,
        "WHERRY_JOBS_KEEP_HOURS": "1",
        "WHERRY_JOBS_MOST_MB": "64",
    }
    code = f"""
import json, sys
from tests.support.events import Call, rest_api_v1
import functions.inference.api as api
assert "boto3" not in sys.modules
def ask(method, path, body=b""):
    event = rest_api_v1(Call(method, path, body, {dict(KEY)!r}))
    return json.loads(api.handler(event, None)["body"])
told = ask("POST", {JOBS!r}, {request()!r})
import functions.inference.jobs as jobs
class Context:
    def get_remaining_time_in_millis(self): return 60000
record = {{"messageId": "m", "receiptHandle": "r", "body": told["id"],
          "attributes": {{"ApproximateReceiveCount": "1"}}}}
failed = jobs.handler({{"Records": [record]}}, Context())
print()
print(json.dumps([failed, ask("GET", told["url"])]))
"""
    done = python(code, environment=told)

    assert done.returncode == 0, done.stderr
    failed, job = json.loads(done.stdout.splitlines()[-1])
    assert failed == {"batchItemFailures": []}
    assert job["status"] == "succeeded"
    assert outputs_of(httpx.get(job["result"]["url"]).content)["prediction"] == [[20]]
