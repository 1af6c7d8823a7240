"""
One model with `[batch]`, `[queue]` and `[jobs]`, deployed on a strict local AWS by the role that
deploys; and what its administrator does with it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.cloud import AWS, Cloud

MODEL = "iris-linear"
STACK = f"Wherry-dev-{MODEL}"
ROW = '{"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}'
TABLES = """
[batch]
concurrency = 4

[batch.schedule]
rate = "1 minute"
input = "{store}/batch/iris-linear/nightly/"
output = "{store}/batch/iris-linear/nights/"

[queue]
timeout_seconds = 5
concurrency = 4
max_receives = 1

[jobs]
memory_mb = 512
timeout_seconds = 60
keep_hours = 1
most_mb = 64
"""


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


def deploy_workers(cloud: Cloud) -> Workers:
    """Train, publish and deploy it; its schedule fires every minute from then on, over a row."""
    made, project = Workers(cloud), cloud.project
    made.put(f"batch/{MODEL}/nightly/rows.jsonl", ROW)
    with (project.root / f"models/{MODEL}/model.toml").open("a") as file:
        file.write(TABLES.format(store=made.store))
    project.wherry("train", MODEL)
    project.wherry("prepare", MODEL)
    project.wherry("publish", MODEL)  # for who computes the same in this process
    made.wherry("publish", MODEL)
    cloud.workflow("deploy").wherry("deploy", MODEL, *AWS, timeout=600)
    return made
