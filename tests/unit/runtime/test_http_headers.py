"""What headers ask for, and how short a refusal is of whatever came."""

from typing import Any

import pytest

from tests.support.plain_models import several
from tests.support.requests_v2 import features, request, tensor
from tests.support.services import service_of
from wherry.http import App
from wherry.http.wire import Reply, Request

INFER = "/v2/models/tiny/infer"
GZIP = {"accept-encoding": "gzip"}


def told(body: bytes = b"", path: str = INFER, *, method: str = "POST", **headers: str) -> Reply:
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    return App(service_of()).answer(Request(method, path, asked, body))


def test_only_predictions_are_compressed() -> None:
    """Some clients take gzip of an answer, and read errors and metadata as they come."""
    app = App(service_of(several({f"column {number}": "FP32" for number in range(100)})))

    metadata = app.answer(Request("GET", "/v2/models/tiny", GZIP))
    refusal = app.answer(Request("POST", INFER, GZIP, b'{"inputs": []}'))
    answer = told(features(shape=[500, 4], data=[1] * 2000), accept_encoding="gzip")

    assert min(len(metadata.body), len(refusal.body)) > 1400
    codings = [reply.headers.get("content-encoding") for reply in (metadata, refusal, answer)]
    assert codings == [None, None, "gzip"]


@pytest.mark.parametrize(
    "asked",
    [
        {"content_encoding": "x" * 5000},
        {"inference_header_content_length": "x" * 5000},
        {"inference_header_content_length": "9" * 5000},
        {"path": "/" + "x" * 5000},
        {"path": f"/v2/models/{'x' * 5000}"},
        {"path": "/v2", "method": "X" * 5000},
        {"body": features(shape=["x" * 65] * 64)},
        {"body": request(tensor("features", "x" * 5000, [1, 4], [1] * 4))},
    ],
    ids=" ".join,
)
def test_a_refusal_is_short_however_long_the_request_was(asked: dict[str, Any]) -> None:
    reply = told(**asked)

    assert 400 <= reply.status < 500
    assert len(reply.body) < 400
