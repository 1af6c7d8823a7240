"""Estimators that cannot be converted alike are refused, with what to do instead."""

from typing import Any

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import RadiusNeighborsClassifier
from sklearn.preprocessing import FunctionTransformer

from models.preparation.sources.estimators import EstimatorSource
from tests.support.learning import FLOWERS
from wherry.errors import ConfigurationError

REFUSED = [
    (HistGradientBoostingRegressor(loss="poisson", max_iter=2), "regression", "exponential"),
    (
        CalibratedClassifierCV(LogisticRegression(), method="isotonic", cv=2),
        "classification",
        "isotonic",
    ),
    (RadiusNeighborsClassifier(9.0), "classification", "without neighbours"),
    (KNNImputer(), "other", "no plain model"),
    (SimpleImputer(add_indicator=True), "other", "add_indicator"),
    (FunctionTransformer(np.log1p), "other", "FunctionTransformer.*pipeline.pre"),
    (
        HistGradientBoostingClassifier(max_iter=2, categorical_features=[0]),
        "classification",
        "categories",
    ),
    (RandomForestClassifier(2), "regression", "is a classifier.*classification"),
]


@pytest.mark.parametrize(("estimator", "task", "told"), REFUSED)
def test_what_cannot_be_converted_alike_is_refused_with_what_to_do(
    estimator: Any, task: Any, told: str
) -> None:
    """Never converted to something that answers otherwise."""
    rows = np.abs(np.round(FLOWERS[0]))
    estimator.fit(rows, FLOWERS[1])

    with pytest.raises(ConfigurationError, match=rf"(?s){told}") as raised:
        EstimatorSource(estimator, task=task).convert()
    assert raised.value.todo


def test_several_labels_a_row_are_refused() -> None:
    """One model answers one question."""
    truth = np.stack([FLOWERS[1], FLOWERS[1] > 1], axis=1)
    forest = RandomForestClassifier(2).fit(FLOWERS[0], truth)

    with pytest.raises(ConfigurationError, match=r"several labels.*compose"):
        EstimatorSource(forest)


def test_an_estimator_that_learnt_nothing_is_refused() -> None:
    """It does not know its classes."""
    with pytest.raises(ConfigurationError, match="not fitted"):
        EstimatorSource(LogisticRegression())
