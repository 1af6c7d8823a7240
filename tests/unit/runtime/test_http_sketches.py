"""The sketch in the line of a prediction: by every way in, and never to a prediction's harm."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.binary_v2 import binary, binary_request
from tests.support.onnx_models import spec
from tests.support.pipelines import linear, model_step, sealed_pipeline
from tests.support.plain_models import classifier, of_images, picture
from tests.support.requests_v2 import request, tensor
from tests.support.services import Kept, published, service_of
from wherry.artifact import Artifact
from wherry.evidence import EvidenceLog
from wherry.http import App
from wherry.http.wire import Request
from wherry.service import load_service
from wherry.settings import Settings
from wherry.sketch.sketcher import Sketcher

MOST = 4096


def asked(body: bytes, artifact: Artifact | None = None, path: str = "", **headers: str) -> Any:
    """The sketch of one request for a prediction that is answered."""
    service, kept = service_of(artifact, sketch=True), Kept()
    path = path or f"/v2/models/{service.manifest.model}/infer"
    told = {name.replace("_", "-"): value for name, value in headers.items()}

    reply = App(service, evidence=kept).answer(Request("POST", path, told, body))

    assert reply.status == 200, reply.body
    return kept.predictions[0].sketch


def test_every_way_to_send_the_same_row_leaves_the_same_sketch() -> None:
    raw = np.array([[1, 2, 3, 4]], np.float32).tobytes()
    body, length = binary_request(binary("features", "FP32", [1, 4], raw))
    plain = {"path": "/predict/tiny"}

    as_json = asked(request())

    assert as_json["inputs"] == {"f0": {"+0": 1}, "f1": {"+4": 1}, "f2": {"+6": 1}, "f3": {"+8": 1}}
    assert as_json["pairs"]["f3"] == {"+8|+17": 1}
    assert asked(body, inference_header_content_length=str(length)) == as_json
    assert asked(b'{"f0": 1, "f1": 2, "f2": 3, "f3": 4}', **plain) == as_json  # type: ignore[arg-type] # a path
    csv = asked(b"f0,f1,f2,f3\n1,2,3,4\n", content_type="text/csv", **plain)  # type: ignore[arg-type] # a path
    assert csv == as_json


def test_only_the_outputs_that_were_asked_for_are_told() -> None:
    found = asked(request(outputs=[{"name": "doubled"}]))

    assert found["outputs"].keys() == {"doubled.0", "doubled.1", "doubled.2", "doubled.3"}
    assert found["pairs"][""] == {"|+9": 1}  # the mean of 2, 4, 6 and 8


def test_an_image_and_a_pipeline_leave_one_too() -> None:
    output = ("a.probabilities", spec("prediction", "FP32", (-1, 2)))
    several = sealed_pipeline([model_step("a")], {"prediction": output}, {"a.onnx": linear(1)})

    image = asked(picture("PNG"), of_images(), "/predict/images", content_type="image/png")
    piped = asked(request(tensor("features", "FP32", [1, 2], [1, 2])), several)

    assert image["inputs"]["pixels.mean"] == {"+26": 1}
    assert piped["outputs"] == {"prediction.0": {"+0": 1}, "prediction.1": {"+4": 1}}


def test_a_refusal_and_a_service_that_is_told_not_to_leave_none() -> None:
    kept, silent = Kept(), Kept()

    App(service_of(sketch=True), evidence=kept).answer(
        Request("POST", "/v2/models/tiny/infer", {}, b"{}")
    )
    App(service_of(), evidence=silent).answer(
        Request("POST", "/v2/models/tiny/infer", {}, request())
    )

    assert [each.sketch for each in kept.predictions + silent.predictions] == [None, None]


def test_a_release_sketches_unless_it_is_switched_off(tmp_path: Path) -> None:
    told = published(tmp_path)

    def sketcher(**more: str) -> Sketcher | None:
        return load_service(Settings.from_environment({**told, **more})).sketcher

    assert sketcher() is not None
    assert sketcher(WHERRY_SKETCH="off") is None


class Failing(Sketcher):
    """Of a model that nobody has thought of."""

    def sketch(self, *_: Any, **__: Any) -> dict[str, Any] | None:
        raise ValueError("no such tensor")


def test_a_sketch_that_fails_fails_no_prediction_and_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    service, kept = service_of(sketch=True), Kept()
    service.sketcher = Failing(service.manifest)
    app = App(service, evidence=kept)

    replies = [
        app.answer(Request("POST", "/v2/models/tiny/infer", {}, request())) for _ in range(3)
    ]

    assert [reply.status for reply in replies] == [200] * 3
    assert [each.sketch for each in kept.predictions] == [None] * 3
    assert caplog.text.count("leave no sketch") == 1


def test_a_line_is_short_and_has_no_text_that_the_model_does_not_know() -> None:
    lines: list[str] = []
    service = service_of(classifier(), sketch=True)
    app = App(service, evidence=EvidenceLog(service.release, write=lines.append, slo_ms=1))
    rows = [{"size, in cm": number, "weight": number / 7} for number in range(5000)]

    app.answer(Request("POST", "/predict/apples", {}, json.dumps(rows).encode()))

    [line] = lines
    assert len(line.encode()) < MOST
    assert json.loads(line)["sketch"]["rows"] > 10
