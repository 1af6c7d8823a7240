"""The batch function on S3, as the local AWS has it: plan, partitions, finish, as states ask it."""

import csv
import gzip
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from boto3 import Session

from tests.support.batch_objects import of_ten_rows
from tests.support.batches import NOW
from tests.support.emulated import local_aws
from tests.support.files_contract import FilesContract
from tests.support.lambda_process import python
from tests.support.plain_models import classifier
from tests.support.services import published, service_of
from wherry.batch.actions import Actions
from wherry.batch.bucket_files import BucketFiles
from wherry.batch.costs import cost
from wherry.batch.files import Entry, Files, open_files
from wherry.errors import MissingArtifactError, RefusedError, UsageError
from wherry.pinned import Fixed, Pinned, Services
from wherry.settings import Settings

ARTIFACT = classifier()
SERVICE = service_of(ARTIFACT)
PINNED = Pinned("7", 1, ARTIFACT.digest)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with local_aws(tmp_path_factory.mktemp("local")) as told:
        yield told


@pytest.fixture(scope="module")
def s3(environment: dict[str, str]) -> Any:
    return Session(region_name=environment["AWS_REGION"]).client("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    """A bucket of the test's own, with three objects of ten rows."""
    name = f"wherry-{uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    for key, body in of_ten_rows().items():
        s3.put_object(Bucket=name, Key=key, Body=body)
    return name


def _actions(environment: Mapping[str, str], pinned: Pinned = PINNED) -> Actions:
    settings = Settings(model="apples", model_version=1, digest=ARTIFACT.digest, store="unused")
    return Actions(
        "apples", Services(settings, lambda _: SERVICE), lambda: Fixed(pinned),
        {**environment, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024"}, lambda: NOW,
    )  # fmt: skip


def _run(actions: Actions, s3: Any, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """As the state machine does it."""
    planned = actions.do({"do": "plan", **asked})
    plan = s3.get_object(Bucket=planned["bucket"], Key=planned["key"])["Body"].read()
    tasks = [json.loads(line) for line in plan.splitlines()]
    assert len(tasks) == planned["partitions"]
    for task in tasks:
        assert actions.do({"do": "partition", "task": task}) == {}
    return actions.do({"do": "finish", "bucket": planned["bucket"], "key": planned["key"]})


@pytest.mark.parametrize("to", ["csv", "jsonl", "parquet"])
def test_a_prefix_is_done_as_the_states_ask(
    environment: dict[str, str], s3: Any, bucket: str, to: str
) -> None:
    output = f"s3://{bucket}/out/{to}/"
    asked = {"input": f"s3://{bucket}/in/", "output": output, "options": {"to": to, "id": "key"}}

    told = _run(_actions(environment), s3, asked)

    manifest = json.loads(
        s3.get_object(Bucket=bucket, Key=f"out/{to}/_wherry/manifest.json")["Body"].read()
    )
    assert told == {
        "complete": True,
        "manifest": f"s3://{bucket}/out/{to}/_wherry/manifest.json",
        "partitions": 3,
        "missing": 0,
        "rows": 30,
        "predicted": 29,
        "refused": 1,
        "seconds": 0,
        "cost": cost(manifest["busy_seconds"], 3, 1024),
    }
    assert (manifest["seconds"], manifest["cost"]) == (told["seconds"], told["cost"])
    assert len(manifest["files"]) == 3
    for file in manifest["files"]:
        key = f"out/{to}/{file['name']}"
        assert s3.head_object(Bucket=bucket, Key=key)["ContentLength"] > 0
    assert _run(_actions(environment), s3, asked) == told


def test_an_inventory_is_done(environment: dict[str, str], s3: Any, bucket: str) -> None:
    found = s3.list_objects_v2(Bucket=bucket, Prefix="in/")["Contents"]
    rows = [
        [bucket, each["Key"].replace(" ", "+"), str(each["Size"]), each["ETag"].strip('"')]
        for each in found
    ]
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([*rows, rows[-1]])
    manifest = {
        "sourceBucket": bucket, "destinationBucket": f"arn:aws:s3:::{bucket}",
        "fileFormat": "CSV", "fileSchema": "Bucket, Key, Size, ETag",
        "files": [{"key": "inventory/data/1.csv.gz", "size": 1, "MD5checksum": "0"}],
    }  # fmt: skip
    s3.put_object(
        Bucket=bucket, Key="inventory/data/1.csv.gz", Body=gzip.compress(text.getvalue().encode())
    )
    s3.put_object(Bucket=bucket, Key="inventory/manifest.json", Body=json.dumps(manifest).encode())

    told = _run(
        _actions(environment), s3,
        {"input": f"s3://{bucket}/inventory/manifest.json", "output": f"s3://{bucket}/listed"},
    )  # fmt: skip

    assert (told["complete"], told["rows"], told["refused"]) == (True, 30, 1)


def test_a_run_that_is_resumed_keeps_its_release(
    environment: dict[str, str], s3: Any, bucket: str
) -> None:
    asked = {"input": f"s3://{bucket}/in/c.csv", "output": f"s3://{bucket}/out"}
    first = _actions(environment).do({"do": "plan", **asked})
    promoted = _actions(environment, Pinned("8", 2, f"sha256:{'1' * 64}"))

    assert promoted.do({"do": "plan", **asked}) == first
    task = json.loads(s3.get_object(Bucket=bucket, Key=first["key"])["Body"].read())
    assert task["run"]["pinned"] == list(PINNED)
    assert promoted.do({"do": "plan", **asked, "version": 1}) == first
    with pytest.raises(RefusedError, match="holds another run"):
        promoted.do({"do": "plan", **asked, "version": 2})
    with pytest.raises(RefusedError, match="holds another run"):
        promoted.do({"do": "plan", **asked, "options": {"to": "jsonl"}})


def test_a_version_that_does_not_serve_is_not_answered_by_another(
    environment: dict[str, str], s3: Any, bucket: str
) -> None:
    asked = {"do": "plan", "input": f"s3://{bucket}/in/c.csv", "output": f"s3://{bucket}/out"}

    with pytest.raises(UsageError, match="version 3 is asked for, and does not serve"):
        _actions(environment).do({**asked, "version": 3})
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="out")


def test_a_digest_that_is_told_is_taken(environment: dict[str, str], bucket: str) -> None:
    nobody = _actions(environment, Pinned("8", 2, "sha256:none"))

    told = nobody.do({
        "do": "plan", "input": f"s3://{bucket}/in/c.csv", "output": f"s3://{bucket}/out",
        "digest": ARTIFACT.digest, "version": 1, "tolerated_percent": 3,
    })  # fmt: skip

    assert (told["partitions"], told["tolerated_percent"]) == (1, 3)


def test_an_object_that_changes_while_it_is_read_is_noticed(
    environment: dict[str, str], s3: Any, bucket: str
) -> None:
    files = BucketFiles(f"s3://{bucket}/in", environment)
    [entry] = [each for each in files.entries() if each.key.endswith(".csv")]
    source = files.open(entry)
    s3.put_object(Bucket=bucket, Key="in/c.csv", Body=b"x" * entry.size)

    with pytest.raises(RefusedError, match="has changed"):
        source.read(10)
    with pytest.raises(RefusedError, match="has changed"):
        files.open(entry)
    with pytest.raises(RefusedError, match="is gone"):
        files.open(Entry(f"s3://{bucket}/in/none", 1, ""))


class TestBucketFiles(FilesContract):
    @pytest.fixture(autouse=True)
    def _kept(self, environment: dict[str, str]) -> None:
        self._environment = environment

    @pytest.fixture
    def files(self, environment: dict[str, str], bucket: str) -> Files:
        return open_files(f"s3://{bucket}/out", environment)

    def opened(self, url: str) -> Files:
        return open_files(url, self._environment)


def test_no_bucket_and_no_question_are_told(environment: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        open_files("s3://", environment)
    with pytest.raises(MissingArtifactError, match="no such bucket"):
        list(open_files(f"s3://none-{uuid4().hex}/x", environment).entries())


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"do": "dance"}, "plan, partition or finish"),
        ({"do": "plan", "input": "s3://a"}, "missing required field `output`"),
        ({"do": "partition"}, "Expected `object`"),
        ({"do": "finish", "bucket": "a"}, "missing required field `key`"),
    ],
)
def test_an_event_that_is_no_question_is_told(event: Mapping[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        _actions({}).do(event)


_HANDLER = """
import json, sys
from functions.inference.batch import handler
assert "boto3" not in sys.modules
print(json.dumps(handler(EVENT, None)))
"""


def test_the_deployed_handler_does_as_its_environment_tells(
    environment: dict[str, str], bucket: str, tmp_path: Path
) -> None:
    told = {**published(tmp_path / "store", ARTIFACT), **environment}
    del told["WHERRY_DIGEST"], told["WHERRY_MODEL_VERSION"]
    told["WHERRY_FUNCTION"] = "wherry-dev-apples"
    event = {
        "do": "plan", "input": f"s3://{bucket}/in", "output": f"s3://{bucket}/out",
        "digest": ARTIFACT.digest, "version": 1,
    }  # fmt: skip

    done = python(_HANDLER.replace("EVENT", repr(event)), environment=told)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["partitions"] == 3
