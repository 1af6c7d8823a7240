"""The deployed handler itself, in an interpreter of its own."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.events import Call, rest_api_v1
from tests.support.lambda_process import Run, invoke, python
from tests.support.requests_v2 import features, outputs_of, request

INFER = "/v2/models/tiny/infer"
SECRET = "4711.5"


@pytest.fixture
def run(release_environment: Mapping[str, str], tmp_path: Path) -> Run:
    """Two good predictions and a refusal that hold SECRET, and a look at the health."""
    calls = [
        Call("POST", INFER, features(data=[4711.5, 0, 0, 0])),
        Call("POST", INFER, features(shape=[2, 4], data=[4711.5] * 8)),
        Call("POST", INFER, request(id=SECRET, outputs=[{"name": SECRET}])),
        Call("GET", "/v2/health/live"),
    ]
    return invoke([rest_api_v1(call) for call in calls], release_environment, tmp_path)


def test_it_answers_in_the_shape_of_a_rest_api(run: Run) -> None:
    assert [reply["statusCode"] for reply in run.replies] == [200, 200, 400, 200]
    assert outputs_of(run.replies[0]["body"])["prediction"] == [[9423.0]]


def test_each_prediction_leaves_one_line_that_tells_it_apart(
    run: Run, release_environment: Mapping[str, str]
) -> None:
    assert [(line["status"], line["Rows"]) for line in run.lines] == [(200, 1), (200, 2), (400, 0)]
    assert [line["prediction_id"] for line in run.lines] == [
        reply["headers"]["x-wherry-prediction-id"] for reply in run.replies[:3]
    ]
    for line in run.lines:
        assert (line["level"], line["message"], line["service"]) == ("INFO", "prediction", "wherry")
        assert line["digest"] == release_environment["WHERRY_DIGEST"]
    assert [line["sketch"]["rows"] for line in run.lines if "sketch" in line] == [1, 2]


def test_the_line_is_metrics_that_cloudwatch_can_read(run: Run) -> None:
    """As the embedded metric format asks: every name it lists is a key beside `_aws`."""
    for line in run.lines:
        [directive] = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "Wherry"
        assert directive["Dimensions"] == [["model", "version", "release"]]
        assert (line["model"], line["version"], line["release"]) == ("tiny", "1", "7")
        assert all(isinstance(line[metric["Name"]], int | float) for metric in directive["Metrics"])
        assert line["_aws"]["Timestamp"] > 1_700_000_000_000
        assert line["Latency"] > 0
    assert [line["Refusals"] for line in run.lines] == [0, 0, 1]


def test_it_leaves_nothing_else_and_never_a_payload(run: Run) -> None:
    assert len(run.lines) == 3
    assert run.stderr == ""
    assert "4711" not in json.dumps(run.lines)


def test_a_function_without_its_variables_does_not_start_and_says_what_is_missing() -> None:
    done = python("import functions.inference.api", environment={})

    assert done.returncode == 1
    assert "WHERRY_MODEL is missing" in done.stderr
    assert "WHERRY_STORE is missing" in done.stderr


def test_a_function_told_another_models_digest_does_not_start(
    release_environment: Mapping[str, str],
) -> None:
    environment = {**release_environment, "WHERRY_MODEL": "other"}

    done = python("import functions.inference.api", environment=environment)

    assert done.returncode == 1
    assert "is model 'tiny', not 'other'" in done.stderr


def test_a_function_whose_artifact_was_altered_does_not_start(
    release_environment: Mapping[str, str],
) -> None:
    [model] = Path(release_environment["WHERRY_STORE"]).rglob("model.onnx")
    model.write_bytes(model.read_bytes()[:-1] + b"\x00")

    done = python("import functions.inference.api", environment=release_environment)

    assert done.returncode == 1
    assert "IntegrityError" in done.stderr
