"""A service of several models: the protocol does not care, and the times of steps are told."""

from collections.abc import Mapping

import numpy as np
import orjson
import pytest

from tests.support.onnx_models import spec
from tests.support.pipelines import linear, model_step, sealed_pipeline
from tests.support.services import service_of
from wherry.artifact import Artifact
from wherry.errors import ArtifactError, RequestError
from wherry.manifest import Manifest

OF = ["a.probabilities", "b.probabilities"]
STEPS = [model_step("a"), model_step("b"), {"kind": "mean", "name": "m", "of": OF}]
FILES = {"a.onnx": linear(1), "b.onnx": linear(3)}


def ensemble(*, files: Mapping[str, bytes] = FILES) -> Artifact:
    promise = spec("prediction", "FP32", (-1, 2))
    return sealed_pipeline(STEPS, {"prediction": ("m.value", promise)}, files)


def request(**parameters: object) -> bytes:
    tensor = {"name": "features", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]}
    return orjson.dumps({"inputs": [tensor], "parameters": parameters})


def test_a_pipeline_is_served_like_any_model() -> None:
    answer = service_of(ensemble()).infer(request())

    told = orjson.loads(answer.body)
    assert told["outputs"][0]["data"] == [2, 4]
    assert "parameters" not in told
    assert answer.steps.keys() == {"a", "b", "m"}


def test_the_time_of_each_step_is_in_the_answer_of_who_asks() -> None:
    told = orjson.loads(service_of(ensemble()).infer(request(step_times=True)).body)

    assert told["parameters"].keys() == {"step_ms.a", "step_ms.b", "step_ms.m"}
    assert all(value >= 0 for value in told["parameters"].values())


def test_asking_for_times_is_answered_yes_or_no() -> None:
    with pytest.raises(RequestError, match='parameter "step_times" of the request'):
        service_of(ensemble()).infer(request(step_times="yes"))


def test_a_pipeline_in_a_manifest_is_read_back_as_it_was_written() -> None:
    manifest = ensemble().manifest

    assert Manifest.from_bytes(manifest.to_bytes()) == manifest
    assert b'"kind":"mean"' in manifest.to_bytes()


def test_a_member_that_the_artifact_lacks_is_named() -> None:
    with pytest.raises(ArtifactError, match=r"b\.onnx: the pipeline needs it"):
        service_of(ensemble(files={"a.onnx": FILES["a.onnx"]}))


def test_rows_are_answered_alike_alone_and_together() -> None:
    service = service_of(ensemble())
    rows = np.arange(8, dtype=np.float32).reshape(4, 2)

    together = service.predict({"features": rows})["prediction"]

    alone = [service.predict({"features": rows[i : i + 1]})["prediction"][0] for i in range(4)]
    np.testing.assert_array_equal(together, alone)
