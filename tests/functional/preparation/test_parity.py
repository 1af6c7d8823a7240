"""A converted model that does not answer like the trained one is refused, with the worst row."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeRegressor

from models.preparation.convert import convert
from models.preparation.parity import Certificate, prove
from models.preparation.parity.gates import Gates
from models.preparation.sources.estimators import EstimatorSource
from models.preparation.sources.source import Task
from wherry.errors import ConfigurationError, ParityError

Rows = NDArray[Any]
CLASSES: Task = "classification"


def rows_and_labels(seed: int = 0) -> tuple[Rows, Rows]:
    rows = np.random.default_rng(seed).uniform(0, 10, (200, 3))
    return rows, np.where(rows.sum(axis=1) > 15, "yes", "no")


def forest(seed: int = 0, **options: Any) -> RandomForestClassifier:
    return RandomForestClassifier(10, random_state=seed, **options).fit(*rows_and_labels(seed))


def converted(estimator: Any, task: Task = CLASSES) -> bytes:
    return convert(estimator, columns=3, task=task)


def proven(
    estimator: Any, model: bytes, rows: Rows, tolerance: float, task: Task = CLASSES
) -> Certificate:
    source = EstimatorSource(estimator, columns=3, task=task)
    return prove(source, model, {"features": rows}, gates=Gates(atol=tolerance))


def test_a_faithful_conversion_is_certified_with_its_worst_row() -> None:
    rows, _ = rows_and_labels(1)
    estimator = forest()

    told = proven(estimator, converted(estimator), rows, 1e-5)

    assert told.passed
    assert told.held_out is not None
    assert (told.held_out.rows, told.total.flips, told.total.rows_over_tolerance) == (200, 0, 0)
    assert told.total.rows > 200
    assert 0 < told.total.max_absolute_error < 1e-5
    assert len(told.worst[0].inputs["features"]) == 3


def test_the_trees_of_another_forest_are_refused_with_the_worst_row_and_what_to_do() -> None:
    rows, _ = rows_and_labels(1)

    with pytest.raises(ParityError, match=r"answers \{'label': '(yes|no)', 'prob") as caught:
        proven(forest(), converted(forest(seed=5)), rows, 1e-5)
    assert " row " in caught.value.where
    assert "labels agree" in caught.value.what
    assert caught.value.todo


def test_labels_that_agree_do_not_excuse_probabilities_that_do_not() -> None:
    rows, y = rows_and_labels()
    one, other = (LogisticRegression(C=c).fit(rows, y) for c in (1.0, 1.01))

    with pytest.raises(ParityError, match=r"\d+ rows are over the tolerance of 1e-06"):
        proven(one, converted(other), rows, 1e-6)


def test_the_tolerance_never_excuses_a_label() -> None:
    rows, _ = rows_and_labels(1)

    with pytest.raises(ParityError, match="labels agree, and 0 of 200 rows are over"):
        proven(forest(), converted(forest(seed=5)), rows, 1)


@pytest.mark.parametrize("estimator", [DecisionTreeRegressor(random_state=0), LinearRegression()])
def test_a_regression_is_certified_in_proportion_to_its_size(estimator: Any) -> None:
    rows, _ = rows_and_labels()
    estimator.fit(rows, 1e6 + 1e3 * rows.sum(axis=1))

    model = converted(estimator, "regression")

    assert proven(estimator, model, rows, 1e-5, "regression").passed


def test_text_and_numbers_are_labels_alike() -> None:
    rows, y = rows_and_labels()
    for labels in (y, y.astype(object), (y == "yes").astype(int)):
        estimator = forest().fit(rows, labels)
        assert proven(estimator, converted(estimator), rows, 1e-5).passed


def test_what_cannot_be_converted_is_told() -> None:
    with pytest.raises(ConfigurationError, match=r"object: it can neither predict nor transform"):
        converted(object())


def test_converting_twice_gives_the_same_bytes_in_the_pinned_versions() -> None:
    import onnx

    data = converted(forest())

    assert converted(forest()) == data
    model = onnx.load_from_string(data)
    assert model.ir_version == 10
    assert {each.domain: each.version for each in model.opset_import} == {"": 18, "ai.onnx.ml": 3}
    assert len(model.opset_import) == 2
    assert [each.name for each in model.graph.input] == ["features"]
    assert [each.name for each in model.graph.output] == ["label", "probabilities"]
