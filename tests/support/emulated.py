"""A local AWS of a test module's own, without TLS and IAM: quick to start, for contracts."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.local_aws import Options, down, up


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
    yield told
    patched.undo()
    down(folder)
