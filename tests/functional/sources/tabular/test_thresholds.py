"""Rows on a threshold, between even votes and with holes go where the estimator sent them."""

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, RobustScaler

from models.preparation.sources.estimators import EstimatorSource
from tests.support.learning import SEED, TUMOURS, name_of
from tests.support.rows import on_thresholds, with_holes, wrong_rows


@pytest.mark.parametrize(
    "boosting",
    [
        HistGradientBoostingClassifier(**SEED),
        make_pipeline(RobustScaler(), HistGradientBoostingClassifier(**SEED)),
        VotingClassifier([("a", HistGradientBoostingClassifier(**SEED))], voting="soft"),
        RandomForestClassifier(50, **SEED),
        GradientBoostingClassifier(**SEED),
        make_pipeline(MinMaxScaler(), RandomForestClassifier(50, **SEED)),
    ],
    ids=name_of,
)
def test_a_row_on_a_threshold_goes_where_it_went(boosting: Any) -> None:
    """On every threshold, and one float32 step to each side of it."""
    rows, y = TUMOURS[0].astype(np.float32), TUMOURS[1]
    source = EstimatorSource(boosting.fit(TUMOURS[0], y))
    moved = on_thresholds(source.convert(), rows, most=1000)
    if hasattr(boosting, "steps"):  # the thresholds are of scaled rows
        scaler = boosting.steps[0][1]
        moved = scaler.inverse_transform(moved.astype(np.float64)).astype(np.float32)

    assert wrong_rows(source, {"features": np.concatenate([rows, moved])}) == 0


def test_rounding_to_the_nearest_would_send_rows_the_wrong_way() -> None:
    """What skl2onnx makes of histogram boosting by itself is wrong on some rows."""
    from skl2onnx import to_onnx

    rows = TUMOURS[0].astype(np.float32)
    fitted = HistGradientBoostingClassifier(**SEED).fit(*TUMOURS)
    usual = to_onnx(fitted, rows[:1], options={"zipmap": False}, target_opset=18)
    usual.graph.input[0].name = "features"
    for node in usual.graph.node:
        node.input[:] = ["features" if each == "X" else each for each in node.input]
    source = EstimatorSource(fitted)
    moved = on_thresholds(usual.SerializeToString(), rows)

    assert wrong_rows(source, {"features": moved}, usual.SerializeToString()) > 50
    assert wrong_rows(source, {"features": moved}) == 0


def test_an_even_vote_goes_to_the_first_class() -> None:
    """As scikit-learn has it: ten trees of twenty for each."""
    rng = np.random.default_rng(0)
    rows, y = rng.normal(size=(400, 4)).astype(np.float32), rng.integers(0, 2, 400)
    forest = RandomForestClassifier(20, **SEED).fit(rows, y)
    new = rng.normal(size=(2000, 4)).astype(np.float32)
    even = np.isclose(forest.predict_proba(new)[:, 0], 0.5)

    assert even.sum() > 50
    assert wrong_rows(EstimatorSource(forest), {"features": new}) == 0


@pytest.mark.parametrize(
    "estimator",
    [HistGradientBoostingClassifier(**SEED), RandomForestClassifier(20, **SEED)],
    ids=name_of,
)
def test_a_missing_number_goes_where_it_went(estimator: Any) -> None:
    """Also where none was missing when the estimator learnt."""
    rows, y = with_holes(TUMOURS[0]), TUMOURS[1]
    for learnt in (rows, TUMOURS[0]):
        source = EstimatorSource(estimator.fit(learnt, y))
        assert wrong_rows(source, {"features": rows}) == 0
