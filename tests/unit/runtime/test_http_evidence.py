"""What is kept of each request for a prediction beside its answer, whatever becomes of it."""

from time import perf_counter

import pytest

from tests.support.onnx_models import scaled, spec
from tests.support.pipelines import linear, model_step, sealed_pipeline
from tests.support.requests_v2 import request, tensor
from tests.support.services import Kept, service_of
from wherry.evidence import Evidence, Prediction
from wherry.http import App
from wherry.http.wire import Reply, Request
from wherry.release import Release
from wherry.service import Answer, Service


class Lost:
    """Evidence that never arrives."""

    def record(self, prediction: Prediction) -> None:
        raise OSError(prediction.id)


class Slow(Service):
    """A service that takes its time, told in seconds."""

    spent = 0.003

    def infer(self, body: bytes, *, header_length: int | None = None) -> Answer:
        begun = perf_counter()
        while perf_counter() - begun < self.spent:
            pass
        return super().infer(body, header_length=header_length)


def ask(
    evidence: Evidence, body: bytes, service: Service | None = None, *, model: str = "tiny"
) -> Reply:
    app = App(service or service_of(), evidence=evidence)
    return app.answer(Request("POST", f"/v2/models/{model}/infer", {}, body))


def test_each_request_for_a_prediction_leaves_evidence_and_no_other() -> None:
    kept = Kept()

    good = ask(kept, request())
    ask(kept, b"{}")
    ask(kept, request(), model="other")
    App(service_of(), evidence=kept).answer(Request("GET", "/v2", {}))

    assert [(told.status, told.rows) for told in kept.predictions] == [(200, 1), (400, 0), (404, 0)]
    assert kept.predictions[0].id == good.headers["x-wherry-prediction-id"]


def test_lost_evidence_fails_no_prediction(caplog: pytest.LogCaptureFixture) -> None:
    assert ask(Lost(), request()).status == 200
    assert "is lost" in caplog.text


def test_evidence_tells_milliseconds() -> None:
    kept = Kept()

    ask(kept, request(), Slow(scaled(), Release("tiny", 1, "7", "sha256:0")))

    assert kept.predictions[0].latency_ms >= Slow.spent * 1000


def test_evidence_tells_the_steps_of_a_model_of_several() -> None:
    kept = Kept()
    output = ("a.probabilities", spec("prediction", "FP32", (-1, 2)))
    artifact = sealed_pipeline([model_step("a")], {"prediction": output}, {"a.onnx": linear(1)})
    body = request(tensor("features", "FP32", [1, 2], [1, 2]))

    assert ask(kept, body, service_of(artifact), model="both").status == 200
    assert list(kept.predictions[0].steps) == ["a"]
