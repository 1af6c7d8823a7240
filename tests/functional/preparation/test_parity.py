"""A converted model that does not answer like the trained one is refused, with the worst row."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeRegressor

from models.preparation.convert import convert
from models.preparation.parity import certify
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


def test_a_faithful_conversion_is_certified_with_its_worst_row() -> None:
    rows, _ = rows_and_labels(1)
    estimator = forest()

    told = certify(estimator, converted(estimator), rows, task=CLASSES, tolerance=1e-5)

    assert told.passed
    assert (told.rows, told.label_agreement, told.rows_over_tolerance) == (200, 1.0, 0)
    assert 0 < told.max_absolute_error < 1e-5
    assert told.worst.features == rows[told.worst.row].astype(np.float32).tolist()


def test_the_trees_of_another_forest_are_refused_with_the_worst_row_and_what_to_do() -> None:
    rows, _ = rows_and_labels(1)

    with pytest.raises(ParityError, match=r"the trained model answers \['(yes|no)'") as caught:
        certify(forest(), converted(forest(seed=5)), rows, task=CLASSES, tolerance=1e-5)
    assert "held-out row" in caught.value.where
    assert "of 200 labels agree" in caught.value.what
    assert "Labels must always agree" in caught.value.todo


def test_labels_that_agree_do_not_excuse_probabilities_that_do_not() -> None:
    rows, y = rows_and_labels()
    one, other = (LogisticRegression(C=c).fit(rows, y) for c in (1.0, 1.001))

    with pytest.raises(ParityError, match=r"100.00% of 200 labels agree, and \d+ rows are over"):
        certify(one, converted(other), rows, task=CLASSES, tolerance=1e-7)


def test_the_tolerance_never_excuses_a_label() -> None:
    rows, _ = rows_and_labels(1)

    with pytest.raises(ParityError, match="labels agree, and 0 rows are over the tolerance of 1 "):
        certify(forest(), converted(forest(seed=5)), rows, task=CLASSES, tolerance=1)


def test_nan_counts_as_over_the_tolerance() -> None:
    rows, _ = rows_and_labels()
    y = rows.sum(axis=1)
    estimator = LinearRegression().fit(rows, y)

    class Silent:
        def predict(self, rows: Rows) -> Rows:
            return np.full(len(rows), np.nan)

    with pytest.raises(ParityError, match="200 rows are over"):
        certify(Silent(), converted(estimator, "regression"), rows, task="regression", tolerance=1)


@pytest.mark.parametrize("estimator", [DecisionTreeRegressor(random_state=0), LinearRegression()])
def test_a_regression_is_certified_in_proportion_to_its_size(estimator: Any) -> None:
    rows, _ = rows_and_labels()
    estimator.fit(rows, 1e6 + 1e3 * rows.sum(axis=1))

    model = converted(estimator, "regression")

    assert certify(estimator, model, rows, task="regression", tolerance=1e-5).passed


def test_text_and_numbers_are_labels_alike() -> None:
    rows, y = rows_and_labels()
    for labels in (y, y.astype(object), (y == "yes").astype(int)):
        estimator = forest().fit(rows, labels)
        assert certify(estimator, converted(estimator), rows, task=CLASSES, tolerance=1e-5).passed


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
