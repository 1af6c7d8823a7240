"""The proxy before an API that behaves, and before one that does not."""

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from botocore.credentials import Credentials

from tests.support.asynchronous import running
from tests.support.grpc_calls import Client, client, infer
from tests.support.live import served
from tests.support.services import service_of
from wherry.http import App
from wherry_control.grpc.proxy import proxying
from wherry_control.grpc.upstream import Upstream, upstream
from wherry_control.predict import unsigned, with_iam

HOST = "127.0.0.1"
KEY = "a-very-secret-key"
SECONDS = 10.0


class Api:
    """An ASGI app that remembers what came, and answers what it is told to, or as the model."""

    def __init__(
        self, status: int = 0, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        self.asked: list[Mapping[str, Any]] = []
        self._reply = status, body, headers or {}
        self._app = App(service_of())

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append({"path": scope["path"], "client": scope["client"], **headers})
        status, body, told = self._reply
        if not status:
            await self._app({**scope, "path": scope["path"].removeprefix("/dev")}, receive, send)
            return
        pairs = [(name.encode(), value.encode()) for name, value in told.items()]
        pairs.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": body})


@contextmanager
def proxied(there: Upstream) -> Iterator[Client]:
    with running(proxying(there, HOST, 0)) as address, client(address) as own:
        yield own


def refused(own: Client) -> Any:
    with pytest.raises(grpc.RpcError) as error:
        own.call("ModelInfer", infer())
    return error.value


def test_the_stage_of_the_address_comes_before_the_path() -> None:
    api = Api()
    with served(api) as place, proxied(upstream(f"http://{place}/dev/", SECONDS)) as own:
        own.call("ServerReady")
        own.call("ModelReady", name="tiny", version="1")
        own.call("ModelInfer", infer(model_version="1"))

    assert [told["path"] for told in api.asked] == [
        "/dev/v2/health/ready",
        "/dev/v2/models/tiny/versions/1/ready",
        "/dev/v2/models/tiny/versions/1/infer",
    ]


def test_connections_are_kept_open() -> None:
    api = Api()
    with served(api) as place, proxied(upstream(f"http://{place}", SECONDS)) as own:
        for _ in range(20):
            own.call("ModelInfer", infer())

    assert len({told["client"] for told in api.asked}) == 1


def test_an_answer_is_not_asked_for_in_a_compressed_form() -> None:
    api = Api()
    with served(api) as place, proxied(upstream(f"http://{place}", SECONDS)) as own:
        own.call("ModelInfer", infer())

    assert api.asked[0]["accept-encoding"] == "identity"


def test_the_key_is_sent_with_every_request_and_told_nowhere(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    api = Api()
    with served(api) as place, proxied(upstream(f"http://{place}", SECONDS, key=KEY)) as own:
        own.call("ServerLive")
        own.call("ModelInfer", infer())

    told = capfd.readouterr()
    assert {told["x-api-key"] for told in api.asked} == {KEY}
    assert KEY not in caplog.text + told.out + told.err


def test_a_signature_covers_the_body_that_is_sent() -> None:
    api = Api()
    sign = with_iam(Credentials("AKIA", "secret", "token"), "eu-central-1")
    signed: list[tuple[str, str, bytes]] = []

    def noting(method: str, url: str, body: bytes) -> Mapping[str, str]:
        signed.append((method, url, body))
        return sign(method, url, body)

    with served(api) as place, proxied(Upstream(f"http://{place}/dev", noting, SECONDS)) as own:
        own.call("ModelInfer", infer())

    (told,) = api.asked
    assert told["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIA/")
    assert told["x-amz-security-token"] == "token"
    (method, url, body) = signed[0]
    assert (method, url) == ("POST", f"http://{place}/dev/v2/models/tiny/infer")
    assert told["content-length"] == str(len(body))


@pytest.mark.parametrize(
    ("status", "body", "code", "words"),
    [
        (403, b'{"message": "Forbidden"}', "PERMISSION_DENIED", "Forbidden"),
        (429, b'{"message": "Too Many Requests"}', "UNAVAILABLE", "Too Many Requests"),
        (413, b'{"message": "Request Too Long"}', "RESOURCE_EXHAUSTED", "Request Too Long"),
        (502, b'{"message": "Internal server error"}', "UNAVAILABLE", "Internal server error"),
        (504, b'{"message": "Endpoint request timed out"}', "DEADLINE_EXCEEDED", "timed out"),
        (302, b"", "INTERNAL", "no body"),
        (200, b"<html>Hello</html>", "INTERNAL", "log says why"),
    ],
)
def test_what_the_gateway_itself_answers_reaches_the_caller(
    status: int, body: bytes, code: str, words: str
) -> None:
    api = Api(status, body, {"location": "http://127.0.0.1:9/"})
    with served(api) as place, proxied(upstream(f"http://{place}", SECONDS)) as own:
        error = refused(own)

    assert error.code() is grpc.StatusCode[code]
    assert words in error.details()
    assert len(api.asked) == 1


def test_metadata_that_tells_more_than_grpc_has_fields_for_is_understood() -> None:
    told = {"name": "tiny", "platform": "p", "more": 1, "inputs": [
        {"name": "x", "datatype": "FP32", "shape": [-1], "parameters": {}}
    ]}  # fmt: skip
    with (
        served(Api(200, json.dumps(told).encode())) as place,
        proxied(upstream(f"http://{place}", SECONDS)) as own,
    ):
        answer = own.call("ModelMetadata", name="tiny")

    assert (answer.platform, answer.inputs[0].shape) == ("p", [-1])
    assert not answer.outputs


def test_an_api_that_is_not_there_is_unavailable() -> None:
    with socket.create_server((HOST, 0)) as gone:
        port = gone.getsockname()[1]

    with proxied(Upstream(f"http://{HOST}:{port}", unsigned, SECONDS)) as own:
        error = refused(own)

    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert "cannot be reached" in error.details()


def test_an_api_that_does_not_answer_in_time_ends_the_call() -> None:
    with (
        socket.create_server((HOST, 0)) as silent,
        proxied(Upstream(f"http://{HOST}:{silent.getsockname()[1]}", unsigned, 0.2)) as own,
    ):
        error = refused(own)

    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert "0.2 seconds" in error.details()
