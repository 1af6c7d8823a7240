"""A sketch has its bound, whatever a model is called, takes and answers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
import pytest

from tests.support.onnx_models import spec
from tests.support.sketches import sketcher, told
from wherry.evidence import EvidenceLog, Prediction
from wherry.manifest import Baselines, Feature
from wherry.release import Release
from wherry.sketch.sketcher import BYTES

LINE = 4096


def line_of(sketch: Mapping[str, Any]) -> str:
    """With more beside it than most lines have."""
    lines: list[str] = []
    release = Release("a-model-of-a-long-name" * 3, 123, "45", "sha256:" + "a" * 64)
    steps = {f"step-number-{number}": 1234.567 for number in range(12)}
    labels = {"experiment": "e" * 40, "arm": "a" * 40, "subject": "0" * 16}
    EvidenceLog(release, write=lines.append).record(
        Prediction("0" * 32, 200, 12345, 1234.567, steps, sketch, labels=labels)
    )
    return lines[0]


@pytest.mark.parametrize("rows", [1, 7, 300])
@pytest.mark.parametrize("letter", ["a", "\n", '"', "\U0001f600"])
def test_a_sketch_has_its_bound_whatever_a_model_is_called_and_answers(
    letter: str, rows: int
) -> None:
    names = [f"{letter * 60}{number}" for number in range(200)]
    features = tuple(Feature(name=each, categories=tuple(names[:9])) for each in names)
    maker = sketcher(
        [spec("t", "BYTES", (-1, 200))],
        [spec("label", "BYTES"), *(spec(name) for name in names)],
        features=features,
        labels=tuple(names),
    )
    rng = np.random.default_rng(0)
    inputs = {"t": np.array(names, object)[rng.integers(0, 200, (rows, 200))]}
    outputs = {name: rng.lognormal(0, 9, rows) for name in names}

    found = told(maker, inputs, {"label": inputs["t"][:, 0], **outputs})

    assert len(orjson.dumps(found)) <= BYTES
    assert len(line_of(found).encode()) < LINE
    assert len(found["pairs"]) == 5
    assert "label" in found["outputs"]


@pytest.mark.parametrize("rows", [1, 64])
def test_of_two_hundred_columns_thirty_two_are_told(rows: int) -> None:
    features = tuple(Feature(name=f"feature_{number}") for number in range(200))
    chosen = Baselines(rows=1, inputs={}, outputs={}, pairs=("feature_7", "feature_150", "gone"))
    maker = sketcher([spec("x", "FP32", (-1, 200))], features=features, baselines=chosen)
    x = np.random.default_rng(0).lognormal(0, 9, (rows, 200))

    found = told(maker, {"x": x}, {"y": np.ones(rows)})

    assert len(found["inputs"]) == 32
    assert [*found["pairs"]] == ["", "feature_7", "feature_150", "feature_0", "feature_1"]
    assert len(line_of(found).encode()) < LINE
