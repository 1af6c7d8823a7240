"""What is served, in the protocol's words."""

from time import time_ns
from typing import Any

import pytest

from tests.support.onnx_models import identity
from tests.support.requests_v2 import features, request
from tests.support.services import service_of
from wherry import __version__
from wherry.errors import RequestError
from wherry.limits import Limits
from wherry.protocol import metadata
from wherry.protocol.statistics import Stages, Statistics
from wherry.service import Service


def stats_of(service: Service) -> Any:
    [told] = metadata.stats(service.release, service.statistics)["model_stats"]
    return told


def test_the_server_names_itself_and_the_extensions_that_work() -> None:
    assert metadata.server() == {
        "name": "wherry",
        "version": __version__,
        "extensions": ("binary_tensor_data", "model_configuration", "parameters", "statistics"),
    }


def test_a_model_is_its_manifests_tensors() -> None:
    service = service_of()

    assert metadata.model(service.release, service.manifest) == {
        "name": "tiny",
        "versions": ["1"],
        "platform": "onnx_onnxv1",
        "inputs": [{"name": "features", "datatype": "FP32", "shape": (-1, 4)}],
        "outputs": [
            {"name": "prediction", "datatype": "FP32", "shape": (-1, 1)},
            {"name": "doubled", "datatype": "FP32", "shape": (-1, 4)},
        ],
    }


def test_a_configuration_is_what_the_model_takes_and_the_limits_it_has() -> None:
    service = service_of(identity("BYTES"), limits=Limits(rows=7, nonfinite="refuse"))

    told = dict(metadata.config(service.release, service.manifest, service.limits))

    parameters = told.pop("parameters")
    assert told == {
        "name": "tiny",
        "platform": "onnx_onnxv1",
        "version_policy": {"specific": {"versions": [1]}},
        "max_batch_size": 0,
        "input": [{"name": "x", "data_type": "TYPE_STRING", "dims": (-1,)}],
        "output": [{"name": "y", "data_type": "TYPE_STRING", "dims": (-1,)}],
    }
    assert parameters["rows"] == {"string_value": "7"}
    assert parameters["nonfinite"] == {"string_value": "refuse"}
    assert parameters["digest"] == {"string_value": service.release.digest}


def test_a_service_that_nobody_asked_has_counted_nothing() -> None:
    told = stats_of(service_of())

    assert (told["name"], told["version"], told["last_inference"]) == ("tiny", "1", 0)
    assert (told["inference_count"], told["execution_count"]) == (0, 0)
    assert told["batch_stats"] == []


def test_each_answer_counts_its_rows_and_its_time() -> None:
    service = service_of()

    for rows in (1, 3, 3):
        service.infer(features(shape=[rows, 4], data=[1] * 4 * rows))

    told = stats_of(service)
    assert (told["inference_count"], told["execution_count"]) == (7, 3)
    assert told["last_inference"] > 0
    parts = told["inference_stats"]
    stages = [parts[name] for name in ("compute_input", "compute_infer", "compute_output")]
    assert all(stage["count"] == 3 and stage["ns"] > 0 for stage in stages)
    assert parts["success"] == {"count": 3, "ns": sum(stage["ns"] for stage in stages)}
    assert [
        (size["batch_size"], size["compute_infer"]["count"]) for size in told["batch_stats"]
    ] == [
        (1, 1),
        (3, 2),
    ]


def test_the_last_inference_is_told_in_milliseconds_since_1970() -> None:
    service, before = service_of(), time_ns() // 1_000_000

    service.infer(request())

    assert before <= stats_of(service)["last_inference"] <= time_ns() // 1_000_000


def test_each_refusal_counts_as_a_failure() -> None:
    service = service_of()
    service.infer(request())

    with pytest.raises(RequestError):
        service.infer(b"{}")

    told = stats_of(service)
    assert told["inference_stats"]["fail"]["count"] == 1
    assert told["inference_stats"]["fail"]["ns"] > 0
    assert told["execution_count"] == 1


def test_a_caller_who_sends_every_size_does_not_make_the_counts_grow() -> None:
    statistics = Statistics()

    for rows in range(1000):
        statistics.succeed(Stages(1, rows, 1, 1, 1))

    assert len(statistics.by_rows) == 64
    assert (statistics.total.count, statistics.total.rows) == (1000, sum(range(1000)))
