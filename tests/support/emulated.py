"""A local AWS of a test module's own, without TLS and IAM: quick to start, for contracts."""

import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from infra.local_aws import Options, down, up
from infra.local_aws.instance import MINISTACK
from infra.local_aws.services import IMPORTS


@contextmanager
def local_aws(folder: Path) -> Iterator[dict[str, str]]:
    """Its environment; boto3 and the AWS SDK's own variables point at it as long as it runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    up(Options(folder=folder, port=port, packaging="zip", keep=False))
    told: dict[str, str] = json.loads(Path(folder, "target.json").read_text())["environment"]
    patched = pytest.MonkeyPatch()
    patched.setenv("AWS_ENDPOINT_URL", told["AWS_ENDPOINT_URL"])
    try:
        yield told
    finally:
        patched.undo()
        down(folder)


def new_table(client: Any, sort: str = "", kind: str = "S", *, name: str = "") -> str:
    """The name of a table by `model`, and by `sort` of that kind, as the stacks make them."""
    name = name or f"wherry-dev-{uuid4().hex[:8]}"
    keys = [("model", "HASH", "S"), *([(sort, "RANGE", kind)] if sort else [])]
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": role} for key, role, _ in keys],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": of} for key, _, of in keys],
    )
    return name


def in_ministack(script: Path, folder: Path) -> dict[str, Any]:
    """What a script prints as JSON that runs in MiniStack's own interpreter, with our modules."""
    environment = {**IMPORTS, "TMPDIR": str(folder), "DOCKER_HOST": f"unix://{folder}/none"}
    done = subprocess.run(
        [str(MINISTACK), "-P", "-s", str(script)],
        capture_output=True, text=True, check=False, env=environment, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def until(true: Callable[[], object], seconds: float = 30) -> None:
    """Return when it is; fail if it is not in time."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.1)
