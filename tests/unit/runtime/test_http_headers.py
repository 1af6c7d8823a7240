"""What headers ask for, what they get, and what is kept of a request beside its answer."""

from time import perf_counter
from typing import Any

import pytest

from tests.support.onnx_models import scaled, spec
from tests.support.pipelines import linear, model_step, sealed_pipeline
from tests.support.plain_models import several
from tests.support.requests_v2 import features, request, tensor
from tests.support.services import service_of
from wherry.evidence import Prediction
from wherry.http import App
from wherry.http.wire import Reply, Request
from wherry.release import Release
from wherry.service import Answer, Service

INFER = "/v2/models/tiny/infer"
GZIP = {"accept-encoding": "gzip"}


class Kept:
    """Evidence that a test can look at."""

    def __init__(self) -> None:
        self.predictions: list[Prediction] = []

    def record(self, prediction: Prediction) -> None:
        self.predictions.append(prediction)


class Slow(Service):
    """A service that takes its time, told in seconds."""

    spent = 0.003

    def infer(self, body: bytes, *, header_length: int | None = None) -> Answer:
        begun = perf_counter()
        while perf_counter() - begun < self.spent:
            pass
        return super().infer(body, header_length=header_length)


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
    "reply",
    [
        told(content_encoding="x" * 5000),
        told(inference_header_content_length="x" * 5000),
        told(inference_header_content_length="9" * 5000),
        told(path="/" + "x" * 5000),
        told(path=f"/v2/models/{'x' * 5000}"),
        told(path="/v2", method="X" * 5000),
        told(features(shape=["x" * 65] * 64)),
        told(request(tensor("features", "x" * 5000, [1, 4], [1] * 4))),
    ],
)
def test_a_refusal_is_short_however_long_the_request_was(reply: Reply) -> None:
    assert 400 <= reply.status < 500
    assert len(reply.body) < 400


def test_evidence_tells_milliseconds() -> None:
    kept = Kept()

    App(Slow(scaled(), Release("tiny", 1, "7", "sha256:0")), evidence=kept).answer(
        Request("POST", INFER, {}, request())
    )

    assert kept.predictions[0].latency_ms >= Slow.spent * 1000


def test_evidence_tells_the_steps_of_a_model_of_several() -> None:
    kept = Kept()
    promise = spec("prediction", "FP32", (-1, 2))
    outputs: dict[str, Any] = {"prediction": ("a.probabilities", promise)}
    artifact = sealed_pipeline([model_step("a")], outputs, {"a.onnx": linear(1)})
    service = service_of(artifact)
    body = request(tensor("features", "FP32", [1, 2], [1, 2]))

    reply = App(service, evidence=kept).answer(Request("POST", "/v2/models/both/infer", {}, body))

    assert reply.status == 200
    assert list(kept.predictions[0].steps) == ["a"]
