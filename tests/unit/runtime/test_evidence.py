"""What a rollout will compare: each answer is counted as what it was."""

import json
from collections.abc import Mapping
from contextlib import redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from tests.support.onnx_models import scaled
from wherry.evidence import EvidenceLog, Prediction, to_stdout
from wherry.release import Release
from wherry.sketch.sketcher import Sketcher

RELEASE = Release("iris", 3, "7", "sha256:" + "a" * 64)
ROOT = Path(__file__).resolve().parents[3]
NOON = 1_800_000_000.5


def told(*predictions: Prediction, slo_ms: float | None = None) -> list[dict[str, Any]]:
    """What is written of them, at noon."""
    lines: list[str] = []
    evidence = EvidenceLog(RELEASE, slo_ms=slo_ms, write=lines.append, now=lambda: NOON)
    for prediction in predictions:
        evidence.record(prediction)
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    return [json.loads(line) for line in lines]


def scaled_sketch() -> Mapping[str, Any]:
    found = Sketcher(scaled().manifest).sketch({}, {}, rows=1, pick=0)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("status", "refusals", "errors"),
    [(200, 0, 0), (400, 1, 0), (413, 1, 0), (499, 1, 0), (500, 0, 1), (503, 0, 1)],
)
def test_a_callers_mistake_is_a_refusal_and_ours_an_error(
    status: int, refusals: int, errors: int
) -> None:
    [line] = told(Prediction("id", status, 0, 1.5))

    assert (line["Predictions"], line["Refusals"], line["Errors"]) == (1, refusals, errors)


def test_one_predictions_numbers_are_not_added_to_the_next_ones() -> None:
    lines = told(Prediction("a", 500, 4, 1.5), Prediction("b", 200, 4, 1.5))

    assert [line["Errors"] for line in lines] == [1, 0]
    assert [line["Rows"] for line in lines] == [4, 4]


def test_a_line_says_when_it_was_in_the_log_as_in_the_metrics() -> None:
    [line] = told(Prediction("id", 200, 1, 1.5))

    assert line["timestamp"] == "2027-01-15T08:00:00.500000+00:00"
    assert line["_aws"]["Timestamp"] == NOON * 1000


def test_the_dimensions_of_the_metrics_are_texts() -> None:
    [line] = told(Prediction("id", 200, 1, 1.23456))

    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert [[line[name] for name in names] for names in directive["Dimensions"]] == [
        ["iris", "3", "7"]
    ]
    assert line["Latency"] == 1.235


def test_a_line_is_out_before_the_environment_may_freeze() -> None:
    out = BytesIO()

    with redirect_stdout(TextIOWrapper(out)):
        to_stdout("line\n")
        written = out.getvalue()

    assert written == b"line\n"


def test_each_step_of_a_pipeline_is_told_apart() -> None:
    [plain, stepped] = told(
        Prediction("id", 200, 1, 1.5), Prediction("id", 200, 1, 1.5, {"tokenize": 0.12345})
    )

    assert "steps_ms" not in plain
    assert stepped["steps_ms"] == {"tokenize": 0.123}


@pytest.mark.parametrize(
    ("latency_ms", "slo_ms", "slow"), [(50.1, 50, 1), (50, 50, 0), (1e9, None, 0)]
)
def test_slow_is_what_takes_longer_than_it_may(
    latency_ms: float, slo_ms: float | None, slow: int
) -> None:
    first, line = told(
        Prediction("id", 200, 1, latency_ms), Prediction("id", 200, 1, latency_ms), slo_ms=slo_ms
    )

    assert line["Slow"] == slow
    assert first["Slow"] == 0  # it loads what later ones find loaded
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert {"Name": "Slow", "Unit": "Count"} in directive["Metrics"]


def test_a_probe_says_so_and_is_in_no_metric() -> None:
    [line] = told(Prediction("id", 200, 1, 1.5, probe=True))

    assert line["probe"] is True
    assert "_aws" not in line


def test_labels_are_keys_of_their_own_and_replace_none_of_a_line_s() -> None:
    [line] = told(Prediction("id", 200, 1, 1.5, labels={"arm": "b", "status": "fine"}))

    assert (line["arm"], line["status"]) == ("b", 200)


def test_a_line_tells_the_release_that_answered() -> None:
    other = Release("iris", 4, "7", "sha256:" + "b" * 64)

    [line] = told(Prediction("id", 200, 1, 1.5, release=other))

    assert (line["version"], line["digest"]) == ("4", other.digest)


def test_the_reference_names_every_key_of_a_line() -> None:
    page = (ROOT / "docs" / "reference" / "evidence.md").read_text(encoding="utf-8")

    sketch = scaled_sketch()
    lines = told(
        Prediction("id", 200, 1, 1.5, {"tokenize": 1.0}, sketch),
        Prediction("id", 200, 1, 1.5, probe=True),
    )

    assert [key for line in lines for key in [*line, *sketch] if f"`{key}`" not in page] == []
