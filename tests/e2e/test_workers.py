"""
Batch runs, messages and a schedule, on an AWS that enforces TLS and IAM: each worker does its work
with what its role may do, and no more.

What takes its time is begun by the fixtures, and looked at by the last tests.
"""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.cloud import AWS, Cloud
from tests.support.emulated import until

pytestmark = pytest.mark.e2e

MODEL = "iris-linear"
FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
ROWS = np.random.default_rng(0).uniform(0.5, 7, (200, 4)).round(2).tolist()
TABLES = """
[batch]
concurrency = 4

[batch.schedule]
rate = "1 minute"
input = "{store}/batch/iris-linear/nightly/"
output = "{store}/batch/iris-linear/nights/"

[queue]
timeout_seconds = 5
max_receives = 1

[jobs]
memory_mb = 512
"""
POISON = "queue/iris-linear/claims/sent/poison/*"


class Workers:
    """The deployed model, as its administrator sees it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.bucket = "wherry-dev-{account}-{region}".format(**cloud.target)
        self.store = f"s3://{self.bucket}"
        self.s3 = cloud.client("s3")

    def wherry(self, *words: str) -> Any:
        return self.cloud.project.wherry(*words, *AWS)

    def put(self, key: str, content: bytes | str) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)

    def objects(self, prefix: str) -> dict[str, bytes]:
        """By their keys; there are few."""
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        read = (self.s3.get_object(Bucket=self.bucket, Key=each["Key"]) for each in listed)
        return {each["Key"]: got["Body"].read() for each, got in zip(listed, read, strict=True)}

    @contextmanager
    def denied(self, key: str) -> Iterator[None]:
        """Nobody may read these objects in it."""
        before = self.s3.get_bucket_policy(Bucket=self.bucket)["Policy"]
        told = json.loads(before)
        told["Statement"].append({
            "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{self.bucket}/{key}",
        })  # fmt: skip
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps(told))
        try:
            yield
        finally:
            self.s3.put_bucket_policy(Bucket=self.bucket, Policy=before)

    def results(self, count: int) -> dict[str, dict[str, Any]]:
        """What the queue of results tells, by ids."""
        words = ("--of", "results", "--most", str(count), "--wait", "90")
        told = [json.loads(each["body"]) for each in self.wherry("queue", "peek", MODEL, *words)]
        return {each["id"]: each for each in told}


@pytest.fixture(scope="module")
def workers(cloud: Cloud) -> Workers:
    """All of them, deployed by the workflow's role; a schedule is told what it reads at night."""
    made = Workers(cloud)
    made.put("batch/iris-linear/nightly/rows.jsonl", json_lines("night", ROWS[:5]))
    with (cloud.project.root / f"models/{MODEL}/model.toml").open("a") as file:
        file.write(TABLES.format(store=made.store))
    cloud.project.wherry("train", MODEL)
    cloud.project.wherry("prepare", MODEL)
    cloud.project.wherry("publish", MODEL)  # for who computes the same in this process
    made.wherry("publish", MODEL)
    cloud.workflow("deploy").wherry("deploy", MODEL, *AWS)
    return made


@pytest.fixture(scope="module")
def poison(workers: Workers, tmp_path_factory: pytest.TempPathFactory) -> ExitStack:
    """A message was sent whose payload nobody can read, until this is closed."""
    large = tmp_path_factory.mktemp("large") / "rows.json"
    large.write_text(json.dumps(ROWS * 60))
    trouble = ExitStack()
    trouble.enter_context(workers.denied(POISON))
    workers.wherry("queue", "send", MODEL, "--file", str(large), "--id", "poison")
    return trouble


def json_lines(stem: str, rows: list[list[float]]) -> str:
    told = (
        {"flower": f"{stem}-{at}", **dict(zip(FEATURES, row, strict=True))}
        for at, row in enumerate(rows)
    )
    return "\n".join(map(json.dumps, told))


def table(stem: str, rows: list[list[float]]) -> bytes:
    """As Parquet."""
    columns = dict(zip(FEATURES, np.array(rows).T, strict=True))
    file = io.BytesIO()
    pq.write_table(
        pa.table({"flower": [f"{stem}-{at}" for at in range(len(rows))], **columns}), file
    )
    return file.getvalue()


@pytest.mark.usefixtures("poison")
def test_a_message_has_a_result_in_the_queue_and_the_same_in_the_store(workers: Workers) -> None:
    good = json.dumps(ROWS[:3])
    workers.wherry("queue", "send", MODEL, "--data", good, "--each", "--id", "flower")
    workers.wherry("queue", "send", MODEL, "--data", "[[1, 2]]", "--id", "refused")

    told = workers.results(4)

    assert {id_: each["status"] for id_, each in told.items()} == {
        "flower-1": 200, "flower-2": 200, "flower-3": 200, "refused": 400,
    }  # fmt: skip
    assert "a list of 4 values is wanted" in told["refused"]["error"]
    folder = f"queue/{MODEL}/results/"
    assert {key: json.loads(body) for key, body in workers.objects(folder).items()} == {
        f"{folder}{id_}.json": each for id_, each in told.items()
    }


def test_a_batch_predicts_or_refuses_every_row_of_every_object(workers: Workers) -> None:
    folder = f"batch/{MODEL}/in"
    workers.put(f"{folder}/a.jsonl", json_lines("a", ROWS[:100]).replace("}", '"}', 1))
    workers.put(f"{folder}/b.parquet", table("b", ROWS[100:]))
    words = ("--input", f"{workers.store}/{folder}/", "--id", "flower", "--to", "csv")

    told = workers.wherry(
        "batch", "run", MODEL, *words, "--output", f"{workers.store}/batch/{MODEL}/out"
    )

    counts = {name: told[name] for name in ("complete", "rows", "predicted", "refused")}
    assert counts == {"complete": True, "rows": 200, "predicted": 199, "refused": 1}
    made = workers.objects(f"batch/{MODEL}/out/part-").values()
    found = [row["flower"] for part in made for row in csv.DictReader(io.StringIO(part.decode()))]
    wanted = [f"a-{at}" for at in range(1, 100)] + [f"b-{at}" for at in range(100)]
    assert sorted(found) == sorted(wanted)


def test_a_batch_reads_nothing_that_it_was_not_given(workers: Workers) -> None:
    workers.put("secrets/rows.jsonl", json_lines("s", ROWS[:2]))

    done = workers.cloud.project.run(
        "batch", "run", MODEL, "--input", f"{workers.store}/secrets/",
        "--output", f"{workers.store}/batch/{MODEL}/stolen", *AWS,
    )  # fmt: skip

    assert done.code == 1
    assert not workers.objects(f"batch/{MODEL}/stolen/part-")


def test_what_was_laid_aside_is_given_back_and_answered(
    workers: Workers, poison: ExitStack
) -> None:
    until(lambda: workers.wherry("queue", "stats", MODEL)["dead"]["waiting"] == 1, 90)
    assert [each["id"] for each in workers.wherry("queue", "peek", MODEL)] == ["poison"]

    poison.close()
    assert workers.wherry("queue", "redrive", MODEL) == {"moved": 1, "left": 0}

    told = workers.results(5)["poison"]
    assert told["status"] == 200
    answer = told["claim"].removeprefix(f"{workers.store}/")
    (body,) = workers.objects(answer).values()
    assert len(json.loads(body)["predictions"]) == 60 * len(ROWS)


def test_a_schedule_starts_a_run_into_a_folder_of_its_time(workers: Workers) -> None:
    nights = f"batch/{MODEL}/nights/"
    until(lambda: any(key.endswith("manifest.json") for key in workers.objects(nights)), 120)

    told = workers.wherry("batch", "schedule", MODEL, "--pause")

    assert told["schedule"]["enabled"] is False
    made = workers.objects(nights)
    first = min(key for key in made if key.endswith("manifest.json"))
    assert json.loads(made[first])["predicted"] == 5
    assert first.removeprefix(nights).startswith("20")
    assert workers.wherry("batch", "list", MODEL)
