"""The app in process, over its own ASGI door."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Any

import httpx
import numpy as np
import pytest

from tests.support.onnx_models import scaled
from tests.support.requests_v2 import features, request
from tests.support.services import Kept, service_of
from wherry.http import App
from wherry.limits import Limits
from wherry.protocol.metadata import EXTENSIONS
from wherry.release import Release
from wherry.service import Answer, Service

INFER = "/v2/models/tiny/infer"
RELEASE = Release("tiny", 1, "7", scaled().digest)


class Broken(Service):
    """A service whose code has a fault."""

    def infer(self, body: bytes, *, header_length: int | None = None) -> Answer:
        raise ZeroDivisionError("secret", body, header_length)


def ask(method: str, path: str, *, app: App | None = None, **told: Any) -> httpx.Response:
    """Ask `app`, or one of the `service` and `evidence` told."""
    app = app or App(told.pop("service", service_of()), evidence=told.pop("evidence", None))

    async def once() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://test"
        ) as client:
            return await client.request(method, path, **told)

    return asyncio.run(once())


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/v2", {"name": "wherry", "version": "0.1.0", "extensions": list(EXTENSIONS)}),
        ("/v2/health/live", {"live": True}),
        ("/v2/health/ready", {"ready": True}),
        ("/v2/models", {"models": ["tiny"]}),
        ("/v2/models/tiny/ready", {"name": "tiny", "ready": True}),
        ("/v2/models/tiny/versions/1/ready", {"name": "tiny", "ready": True}),
    ],
)
def test_health_and_server(path: str, told: dict[str, Any]) -> None:
    reply = ask("GET", path)

    assert (reply.status_code, reply.json()) == (200, told)


@pytest.mark.parametrize("path", ["/v2/models/tiny", "/v2/models/tiny/versions/1"])
def test_metadata_is_the_manifests(path: str) -> None:
    assert ask("GET", path).json() == {
        "name": "tiny",
        "versions": ["1"],
        "platform": "onnx_onnxv1",
        "inputs": [{"name": "features", "datatype": "FP32", "shape": [-1, 4]}],
        "outputs": [
            {"name": "prediction", "datatype": "FP32", "shape": [-1, 1]},
            {"name": "doubled", "datatype": "FP32", "shape": [-1, 4]},
        ],
    }


@pytest.mark.parametrize("path", ["/v2/models/tiny", "/v2/models/tiny/versions/1"])
def test_config_tells_the_limits_and_the_artifact(path: str) -> None:
    service = service_of(limits=Limits(rows=7))

    told = ask("GET", f"{path}/config", service=service).json()

    assert (told["name"], told["max_batch_size"]) == ("tiny", 0)
    assert told["parameters"]["rows"] == {"string_value": "7"}
    assert told["parameters"]["digest"] == {"string_value": service.release.digest}


def test_stats_count_what_was_asked_here() -> None:
    service = service_of()
    for body in (request(), features(shape=[2, 4], data=[1] * 8), b"{}"):
        ask("POST", INFER, service=service, content=body)

    [told] = ask("GET", "/v2/models/tiny/stats", service=service).json()["model_stats"]

    assert (told["inference_count"], told["execution_count"]) == (3, 2)
    assert told["inference_stats"]["fail"]["count"] == 1


@pytest.mark.parametrize("binary", [True, False])
def test_the_header_alone_says_that_tensors_follow_as_bytes(*, binary: bool) -> None:
    row = np.array([[1, 2, 3, 4]], "<f4").tobytes()
    head = features(data=None, parameters={"binary_data_size": len(row)})
    headers = {"Inference-Header-Content-Length": str(len(head))} if binary else {}

    reply = ask("POST", INFER, content=head + row, headers=headers)

    assert reply.status_code == (200 if binary else 400)


@pytest.mark.parametrize("length", ["-1", "x", "1.5", "", "9" * 30, "\u00b2"])
def test_a_header_length_that_is_no_number_is_refused(length: str) -> None:
    reply = ask(
        "POST", INFER, content=request(),
        headers={b"Inference-Header-Content-Length": length.encode("latin-1")},
    )  # fmt: skip

    assert reply.status_code == 400
    assert reply.json()["error"].startswith("Inference-Header-Content-Length")


def test_binary_outputs_say_where_their_bytes_begin() -> None:
    body = request(parameters={"binary_data_output": True}, outputs=[{"name": "prediction"}])

    reply = ask("POST", INFER, content=body)

    begin = int(reply.headers["inference-header-content-length"])
    assert reply.headers["content-type"] == "application/octet-stream"
    assert np.frombuffer(reply.content[begin:], "<f4").tolist() == [20.0]


def test_plain_rows_are_answered_beside_the_protocol_with_the_same_headers() -> None:
    kept = Kept()
    row = {f"f{column}": column + 1 for column in range(4)}

    reply = ask("POST", "/predict/tiny", json=row, evidence=kept)

    assert reply.json()["prediction"]["prediction"] == 20.0
    assert reply.headers["x-wherry-release"] == "7"
    assert [(told.status, told.rows) for told in kept.predictions] == [(200, 1)]


@pytest.mark.parametrize("path", [INFER, "/v2/models/tiny/versions/1/infer"])
def test_an_answer_says_which_release_gave_it(path: str) -> None:
    service = service_of()

    reply = ask("POST", path, service=service, content=request())

    told = {name: value for name, value in reply.headers.items() if name.startswith("x-wherry")}
    prediction_id = told.pop("x-wherry-prediction-id")
    assert (len(prediction_id), int(prediction_id, 16) > 0) == (32, True)
    assert told == {
        "x-wherry-model": "tiny",
        "x-wherry-version": "1",
        "x-wherry-release": "7",
        "x-wherry-digest": service.release.digest,
    }


def test_a_refusal_says_so_too() -> None:
    assert ask("POST", INFER, content=b"").headers["x-wherry-release"] == "7"


def test_every_prediction_has_its_own_id() -> None:
    service = service_of()

    ids = {
        ask("POST", INFER, service=service, content=request()).headers["x-wherry-prediction-id"]
        for _ in range(3)
    }

    assert len(ids) == 3


@pytest.mark.parametrize("content_type", [None, "application/octet-stream", "text/plain", "x"])
def test_the_content_type_is_never_looked_at(content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}

    assert ask("POST", INFER, content=request(), headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
    [
        ("GET", "/", 404, "GET /: Not Found"),
        ("GET", "/v2/", 404, "GET /v2/: Not Found"),
        ("GET", "/doc", 404, "GET /doc: Not Found"),
        ("GET", "/v3", 404, "Not Found"),
        ("DELETE", "/v2", 405, "DELETE /v2: Method Not Allowed"),
        ("GET", INFER, 405, "Method Not Allowed"),
        ("GET", "/v2/models/other", 404, 'model "other": it is not served here; "tiny" is'),
        ("GET", "/v2/models/other/ready", 404, "not served here"),
        ("GET", "/v2/models/tiny/versions/2", 404, 'version "2" is not served here; "1" is'),
        ("GET", "/v2/models/tiny/versions/01", 404, 'version "01" is not served here'),
        ("POST", "/v2/models/other/infer", 404, "not served here"),
        ("POST", "/v2/models/tiny/versions/2/infer", 404, "not served here"),
        ("POST", INFER, 400, "it is not JSON"),
    ],
)
def test_every_refusal_has_the_protocols_shape(
    method: str, path: str, status: int, told: str
) -> None:
    reply = ask(method, path)

    assert reply.status_code == status
    assert list(reply.json()) == ["error"]
    assert told in reply.json()["error"]
    assert reply.headers["content-type"] == "application/json"


def test_a_wrong_method_is_told_the_right_one() -> None:
    assert ask("DELETE", "/v2").headers["allow"] == "GET, HEAD"


def test_a_body_is_read_to_the_limit_and_no_further() -> None:
    read = 0

    async def long() -> AsyncIterator[bytes]:
        nonlocal read
        for read in range(1, 100):  # noqa: B007 - counted outside
            yield b" " * 100

    service = service_of(limits=Limits(body_bytes=1000))
    reply = ask("POST", INFER, service=service, content=long())

    assert (reply.status_code, read) == (413, 11)
    assert reply.json()["error"].startswith("the request: it is over 1000 bytes. Send at most")


def test_a_compressed_body_is_read_to_its_own_limit() -> None:
    body = features(shape=[50, 4], data=[1] * 200)
    coded, headers = gzip.compress(body), {"content-encoding": "gzip"}

    for limit, status in ((len(body), 200), (len(body) - 1, 413)):
        service = service_of(limits=Limits(body_bytes=len(body), decompressed_bytes=limit))
        reply = ask("POST", INFER, service=service, content=coded, headers=headers)
        assert reply.status_code == status

    assert "bytes when decompressed. Send at most" in reply.json()["error"]


def test_a_fault_of_ours_is_a_500_that_tells_nothing_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    reply = ask("POST", INFER, service=Broken(scaled(), RELEASE))

    assert reply.status_code == 500
    assert reply.json() == {"error": "the server failed; its log says why"}
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [
        ZeroDivisionError
    ]
