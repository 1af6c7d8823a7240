"""
A shadow in AWS's own emulator of Lambda (the Runtime Interface Emulator): the real runtime client,
the real extensions API, and the function as it is deployed. Only Lambda's Invoke is ours.

The emulator answers its caller when the whole invocation is over, and not, as Lambda does, when the
function has answered; what it says of the function alone is in its log.
"""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.support.events import Call, rest_api_v1
from tests.support.requests_v2 import request
from tests.support.runtime_api import Server, served
from tests.support.services import published
from wherry.beside import SHADOWED
from wherry.shadow.extension import GRACE

ROOT = Path(__file__).resolve().parents[3]
RIE = ".wherry/tools/aws-lambda-rie"
EVENT = rest_api_v1(Call("POST", "/v2/models/tiny/infer", request()))
PATH = "/2015-03-31/functions/function/invocations"
ASKED = 3
DONE = re.compile(r"INVOKE RTDONE\(status: (\w+),.*duration: ([0-9.]+)(ms|µs)")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def emulated(environment: dict[str, str], log: Path) -> Iterator[str]:
    """The address at which the function is invoked."""
    port = free_port()
    words = [
        RIE, "--log-level", "info",
        "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
        "--runtime-api-address", f"127.0.0.1:{free_port()}",
        sys.executable, "-m", "awslambdaric", "functions.inference.api.handler",
    ]  # fmt: skip
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with log.open("wb") as out:
        child = subprocess.Popen(
            words, cwd=ROOT, env={**kept, **environment}, stdout=out, stderr=subprocess.STDOUT
        )
    with child:
        try:
            yield f"http://127.0.0.1:{port}{PATH}"
        finally:
            child.kill()


def invoked(address: str, *events: Any) -> list[Any]:
    """The answers; httpx tries to connect until the emulator listens."""
    transport = httpx.HTTPTransport(retries=8)  # with pauses that double: half a minute in all
    with httpx.Client(transport=transport, timeout=30) as client:
        return [client.post(address, json=event).json() for event in events]


def test_the_function_answers_and_then_sends_its_shadow_what_it_answered(tmp_path: Path) -> None:
    lambda_api, log = Server(), tmp_path / "log"
    with served(lambda_api):
        environment = {
            **published(tmp_path / "store"),
            "WHERRY_SHADOW_SHARE": "1",
            "AWS_LAMBDA_FUNCTION_NAME": "wherry-dev-tiny",
            "AWS_ACCESS_KEY_ID": "AKID",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_ENDPOINT_URL_LAMBDA": f"http://{lambda_api.address}",
        }
        with emulated(environment, log) as address:
            replies = invoked(address, *[EVENT] * ASKED)
            sent = [json.loads(lambda_api.calls.get().body) for _ in range(ASKED)]
            answer = invoked(address, sent[0])

    assert [reply["statusCode"] for reply in replies] == [200] * ASKED
    ids = [reply["headers"]["x-wherry-prediction-id"] for reply in replies]
    assert [event[SHADOWED]["of"] for event in sent] == ids
    assert answer == [None]
    assert lambda_api.calls.empty()  # a shadow casts none
    (line,) = [json.loads(each) for each in log.read_text().splitlines() if '"shadow"' in each]
    assert (line["of"], line["rows"], line["same"]) == (ids[0], 1, 1)
    done = DONE.findall(log.read_text())
    assert [status for status, _, _ in done] == ["success"] * (ASKED + 1)
    # the function is done before the grace of its shadow is over
    assert min(float(told) for _, told, unit in done if unit == "ms") < GRACE * 1000
