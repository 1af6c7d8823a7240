"""
Nothing that a function keeps from its start would be wrong in another environment, or later.

Lambda takes a snapshot of a function that has started (SnapStart), and resumes many from it.
"""

import json
from pathlib import Path

import pytest

from tests.support.lambda_process import python
from tests.support.services import published
from tests.support.snapshot_safety import of_files, violations

# The store asks for keys at an address of this machine, and closes the connection at once. A shadow
# is first sent to after a request, and over a new connection where the old one has died; an
# extension waits at an address of the environment itself, as the runtime does. Workers are resumed
# from no snapshot, and the jobs of a function that is are opened by the first request for one. The
# client is for callers, and no function imports it (test_client_imports.py).
_SDK = ("boto3", "botocore")
ALLOWED: dict[str, tuple[str, ...]] = {
    "aws/batch.py": _SDK,
    "aws/faults.py": _SDK,
    "aws/jobs.py": _SDK,
    "aws/messages.py": _SDK,
    "aws/workers.py": _SDK,
    "queue/work.py": ("concurrent.futures",),
    "client/asynchronous.py": ("httpx",),
    "client/carrying.py": ("httpx",),
    "client/retries.py": ("random",),
    "client/signing.py": ("httpx",),
    "client/synchronous.py": ("httpx",),
    "store/credentials.py": ("http.client",),
    "shadow/sender.py": ("http.client", "ssl"),
    "shadow/extension.py": ("http.client",),
    "shadow/shadowing.py": ("http.client.HTTPException",),
}

_LOOK = """
import json, os, sys
import functions.inference.api
links = [os.path.join("/proc/self/fd", name) for name in os.listdir("/proc/self/fd")]
opened = [os.readlink(link) for link in links if os.path.lexists(link)]
print(json.dumps({"opened": opened, "modules": sorted(sys.modules)}))
"""


@pytest.mark.parametrize("folder", ["layers/runtime/python/wherry", "functions/inference"])
def test_the_served_code_keeps_nothing_that_a_snapshot_must_not_hold(
    root: Path, folder: str
) -> None:
    assert of_files(root / folder, ALLOWED) == []


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import random\nSEED = random.random()", "2: random.random"),
        ("import random\ndef f(): return random.choice([1])", "2: random.choice"),
        ("import numpy as np\nRNG = np.random.default_rng()", "2: numpy.random.default_rng"),
        ("from numpy.random import default_rng as rng\nG = rng(0)", "2: numpy.random.default_rng"),
        ("import time\nSTARTED = time.time()", "2: time.time"),
        ("from time import monotonic as now\nclass A:\n    at = now()", "3: time.monotonic"),
        ("from datetime import datetime\nAT = datetime.now()", "2: datetime.datetime.now"),
        ("import time\ndef f(now=time.time()): ...", "2: time.time"),
        ("import time\nclass A:\n    def __init__(self): self.at = time.time()", "3: time.time"),
        ("import uuid\nME = uuid.uuid4()", "2: uuid.uuid4"),
        ("import uuid\ndef f(): return uuid.uuid1()", "2: uuid.uuid1"),
        ("import os\nPREFIX = os.urandom(8).hex()", "2: os.urandom"),
        ("import boto3\nS3 = boto3.client('s3')", "2: boto3.client"),
        ("def f():\n    import socket\n    return socket.socket()", "3: socket.socket"),
        ("import secrets\n@f(secrets.token_hex())\ndef g(): ...", "2: secrets.token_hex"),
    ],
)
def test_a_line_that_would_be_kept_is_found(source: str, told: str) -> None:
    assert told in violations(source)


@pytest.mark.parametrize(
    "source",
    [
        "import time\ndef f(): return time.perf_counter()",
        "import uuid\ndef f(): return uuid.uuid4()",
        "import uuid\nnext_id = lambda: uuid.uuid4()",
        "from os import urandom\nclass A:\n    def id(self): return urandom(8)",
        "from time import time\ndef f(now=time): return now()",
        "if TYPE_CHECKING:\n    import socket\n    kept: socket.socket",
    ],
)
def test_what_each_request_asks_anew_is_no_fault(source: str) -> None:
    assert violations(source) == []


def test_a_function_that_has_started_holds_no_connection_and_no_generator(tmp_path: Path) -> None:
    done = python(_LOOK, environment=published(tmp_path / "store"))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)

    assert [link for link in told["opened"] if link.startswith("socket:")] == []
    assert {"numpy.random", "http.client", "ssl"}.isdisjoint(told["modules"])
