"""
A model with `[batch]` and `[queue]` on a local AWS of its own, as who proves something of it needs
it: clients, commands, and the containers that its functions run in.
"""

import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.local_aws.engine import Engine, find_engine
from infra.local_aws.services import settings_of
from infra.packaging import download_wheels
from tests.e2e.conftest import free_port
from tests.support.cloud import AWS, Cloud, strict_cloud
from tests.support.containers import ROOT
from tests.support.project import Finished, Project
from wherry.service import Service, load_service
from wherry.settings import Settings
from wherry_control.queueing.places import Places
from wherry_control.queueing.queues import SqsQueues

MODEL = "iris"
TABLES = """
[batch]
concurrency = 4

[queue]
timeout_seconds = 5
concurrency = 4
max_receives = 2
"""
THREADS = 8


@dataclass(frozen=True)
class World:
    """`model` is deployed in `cloud`."""

    cloud: Cloud
    model: str

    @property
    def bucket(self) -> str:
        return "wherry-dev-{account}-{region}".format(**self.cloud.target)

    @cached_property
    def s3(self) -> Any:
        return self.cloud.client("s3")

    @cached_property
    def sqs(self) -> Any:
        return self.cloud.client("sqs")

    @cached_property
    def queues(self) -> SqsQueues:
        return SqsQueues(self.sqs)

    @cached_property
    def places(self) -> Places:
        told = self.cloud.outputs(f"Wherry-dev-{self.model}")
        return Places(
            messages=told["MessagesQueueUrl"],
            dead=told["MessagesDeadUrl"],
            results=told["ResultsQueueUrl"],
            claims="",
        )

    def run(self, *words: str) -> Finished:
        return self.cloud.project.run(*words, *AWS, "--json", timeout=900)

    def service(self) -> Service:
        """The same release, in this process."""
        return load_service(Settings.from_environment(self.cloud.project.wherry("env", self.model)))

    def objects(self, prefix: str) -> Mapping[str, bytes]:
        """By what follows the prefix."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
        with ThreadPoolExecutor(THREADS) as pool:
            names = (key.removeprefix(prefix) for key in keys)
            return dict(zip(names, pool.map(self._read, keys), strict=True))

    def engine(self) -> tuple[Engine, str]:
        """What runs the functions, and the label that theirs have."""
        told = settings_of(self.cloud.project.root / ".wherry/local") or {}
        return find_engine(ROOT / ".wherry/cache", told["engine"]), told["label"]

    def _read(self, key: str) -> bytes:
        content: bytes = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return content


@contextmanager
def deployed(base_image: str) -> Iterator[World]:
    """A project and a local AWS of their own, which are gone afterwards."""
    download_wheels(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        project = Project.copy(Path(folder) / "project")
        with (project.root / f"models/{MODEL}/model.toml").open("a") as file:
            file.write(TABLES)
        with strict_cloud(project, base_image, free_port()) as cloud:
            project.wherry("train", MODEL)
            project.wherry("prepare", MODEL)
            project.wherry("publish", MODEL)  # for who computes the same in this process
            project.wherry("publish", MODEL, *AWS)
            project.wherry("deploy", MODEL, *AWS, timeout=900)
            yield World(cloud, MODEL)
