"""ONNX files as converters of scikit-learn write them, opened in the confined child."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from skl2onnx import to_onnx
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression

from models.preparation.sources.options import Options
from models.preparation.sources.remote import opened_file
from tests.functional.sources.networks.contract import EXACT, keeps_the_contract
from wherry.errors import ConfigurationError, UnsafeError

X, TRUTH = load_iris(return_X_y=True)
ROWS = X.astype(np.float32)
NAMES = np.array(["setosa", "versicolor", "virginica"])[TRUTH]


def written(file: Path, estimator: Any, *, opset: int, **options: Any) -> Path:
    versions = {"": opset, "ai.onnx.ml": 3}
    model = to_onnx(estimator, ROWS[:1], target_opset=versions, options=options or None)
    file.write_bytes(model.SerializeToString())
    return file


@pytest.mark.parametrize("opset", [12, 18, 22])
@pytest.mark.parametrize("zipmap", [True, False])
def test_a_converted_classifier_answers_label_and_probabilities(
    tmp_path: Path, opset: int, *, zipmap: bool
) -> None:
    forest = RandomForestClassifier(10, random_state=0).fit(ROWS, NAMES)
    file = written(tmp_path / "forest.onnx", forest, opset=opset, zipmap=zipmap)

    with opened_file(file) as source:
        keeps_the_contract(source, {"X": ROWS}, EXACT)

        assert source.facts.family == "trees"
        assert source.facts.labels == sorted(set(NAMES))
        assert source.answer({"X": ROWS})["label"].tolist() == forest.predict(ROWS).tolist()


def test_whole_labels_and_a_linear_model_keep_the_contract(tmp_path: Path) -> None:
    model = LogisticRegression(max_iter=500).fit(ROWS, TRUTH)

    with opened_file(written(tmp_path / "m.onnx", model, opset=18, zipmap=True)) as source:
        keeps_the_contract(source, {"X": ROWS}, EXACT)

        assert source.facts.family == "linear"
        assert source.facts.labels == [0, 1, 2]


def test_a_converted_regression_answers_a_prediction(tmp_path: Path) -> None:
    model = LinearRegression().fit(ROWS, TRUTH)

    with opened_file(written(tmp_path / "m.onnx", model, opset=20)) as source:
        keeps_the_contract(source, {"X": ROWS}, EXACT)

        assert source.facts.task == "regression"


def test_labels_that_are_not_the_file_s_are_refused(tmp_path: Path) -> None:
    model = LogisticRegression(max_iter=500).fit(ROWS, TRUTH)
    file = written(tmp_path / "m.onnx", model, opset=18, zipmap=True)

    with (
        pytest.raises(ConfigurationError, match="the file says"),
        opened_file(file, options=Options(labels=("a", "b", "c"))),
    ):
        pass


def test_a_file_of_functions_is_refused_with_how_to_inline_them(tmp_path: Path) -> None:
    file = written(tmp_path / "m.onnx", LinearRegression().fit(ROWS, TRUTH), opset=18)
    model = onnx.load(file)
    model.functions.add(name="own", domain="")
    file.write_bytes(model.SerializeToString())

    with pytest.raises(UnsafeError, match="functions of its own") as refused, opened_file(file):
        pass

    assert "inline_local_functions" in refused.value.todo
