"""Estimators of scikit-learn, in this process: what a source says, converts and answers is one."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from models.preparation.sources.estimators import EstimatorSource
from tests.support.learning import FLOWERS, PATIENTS, SEED, name_of
from tests.support.rows import wrong_rows

CLASSIFIERS = [
    (LogisticRegression(max_iter=5000), "linear"),
    (RandomForestClassifier(10, **SEED), "trees"),
    (DecisionTreeClassifier(**SEED), "trees"),
    (GradientBoostingClassifier(n_estimators=5, **SEED), "trees"),
    (HistGradientBoostingClassifier(max_iter=5, **SEED), "trees"),
    (KNeighborsClassifier(), "other"),
    (QuadraticDiscriminantAnalysis(), "other"),
    (make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=2000, **SEED)), "network"),
    (BaggingClassifier(DecisionTreeClassifier(), 5, **SEED), "trees"),
    (CalibratedClassifierCV(RandomForestClassifier(5, **SEED), cv=2), "trees"),
    (GridSearchCV(DecisionTreeClassifier(**SEED), {"max_depth": [2, 3]}), "trees"),
    (
        VotingClassifier(
            [("a", DecisionTreeClassifier(**SEED)), ("b", LogisticRegression(max_iter=5000))],
            voting="soft",
        ),
        "linear",
    ),
    (
        StackingClassifier([("a", HistGradientBoostingClassifier(max_iter=5, **SEED))], cv=2),
        "linear",
    ),
]
WITHOUT_PROBABILITIES = [
    LinearSVC(**SEED),
    make_pipeline(StandardScaler(), LinearSVC(**SEED)),
    RidgeClassifier(),
    SVC(),
    SVC(decision_function_shape="ovo"),
]
REGRESSIONS = [
    LinearRegression(),
    RandomForestRegressor(10, **SEED),
    ExtraTreesRegressor(10, **SEED),
    HistGradientBoostingRegressor(max_iter=10, **SEED),
    GaussianProcessRegressor(alpha=1.0, optimizer=None),
    PLSRegression(),
]
OTHERS = [
    (PCA(2), ["transformed"]),
    (StandardScaler(), ["transformed"]),
    (
        KBinsDiscretizer(4, encode="ordinal", quantile_method="averaged_inverted_cdf"),
        ["transformed"],
    ),
    (IsolationForest(n_estimators=10, **SEED), ["label", "scores"]),
    (GaussianMixture(2, **SEED), ["label", "scores"]),
]


def _single(data: tuple[Any, Any]) -> tuple[Any, Any]:
    """As a client sends it."""
    return data[0].astype(np.float32), data[1]


@pytest.mark.parametrize(("estimator", "family"), CLASSIFIERS)
def test_a_classifier_answers_label_and_probabilities(estimator: Any, family: str) -> None:
    """Of three classes that are texts; of one row, of all, and of none."""
    rows, y = _single(FLOWERS)
    source = EstimatorSource(estimator.fit(rows, np.array(["a", "b", "c"])[y]))

    assert source.facts.task == "classification"
    assert source.facts.family == family
    assert source.facts.labels == ["a", "b", "c"]
    assert [each.name for each in source.facts.outputs] == ["label", "probabilities"]
    for some in (rows[:1], rows):
        assert wrong_rows(source, {"features": some}) == 0
    none = source.answer({"features": rows[:0]})
    assert {name: len(array) for name, array in none.items()} == dict.fromkeys(none, 0)


@pytest.mark.parametrize("estimator", WITHOUT_PROBABILITIES)
@pytest.mark.parametrize("classes", [2, 3])
def test_a_classifier_without_probabilities_answers_its_scores(
    estimator: Any, classes: int
) -> None:
    """One of each class; of two, the first one's is less the second one's."""
    rows, y = _single(FLOWERS)
    kept = y < classes
    source = EstimatorSource(estimator.fit(rows[kept], y[kept]))

    assert [each.name for each in source.facts.outputs] == ["label", "scores"]
    assert source.facts.task == "classification"
    assert wrong_rows(source, {"features": rows[kept]}) == 0


@pytest.mark.parametrize("estimator", REGRESSIONS, ids=name_of)
@pytest.mark.parametrize("targets", [1, 2])
def test_a_regression_answers_a_prediction_of_each_target(estimator: Any, targets: int) -> None:
    """One, or several."""
    rows, y = _single(PATIENTS)
    if targets > 1 and isinstance(estimator, HistGradientBoostingRegressor):
        pytest.skip("it learns one target")
    truth = y if targets == 1 else np.stack([y, -2 * y], axis=1)
    source = EstimatorSource(estimator.fit(rows, truth), task="regression")

    assert [each.shape for each in source.facts.outputs] == [(-1, targets)]
    for some in (rows[:1], rows):
        assert wrong_rows(source, {"features": some}) == 0
    none = source.answer({"features": rows[:0]})
    assert {name: len(array) for name, array in none.items()} == dict.fromkeys(none, 0)


@pytest.mark.parametrize(("estimator", "names"), OTHERS)
def test_what_is_neither_answers_by_its_own_names(estimator: Any, names: list[str]) -> None:
    """Transformers, detectors of outliers, clusterings."""
    rows, _ = _single(FLOWERS)
    source = EstimatorSource(estimator.fit(rows))

    assert source.facts.task == "other"
    assert [each.name for each in source.facts.outputs] == names
    assert wrong_rows(source, {"features": rows}) == 0


def test_a_data_frame_of_numbers_is_one_table() -> None:
    """Asked without a warning, and converted by the places of its columns."""
    pd = pytest.importorskip("pandas")
    from sklearn.compose import ColumnTransformer

    frame = pd.DataFrame(FLOWERS[0], columns=["sepal length", "b", "c/d", "é"])
    steps = ColumnTransformer([("z", StandardScaler(), ["é", "b"]), ("k", "passthrough", ["c/d"])])
    source = EstimatorSource(make_pipeline(steps, LogisticRegression()).fit(frame, FLOWERS[1]))

    assert source.facts.columns == ("sepal length", "b", "c/d", "é")
    assert [each.shape for each in source.facts.inputs] == [(-1, 4)]
    assert wrong_rows(source, {"features": FLOWERS[0].astype(np.float32)}) == 0


def test_the_same_estimator_gives_the_same_bytes() -> None:
    """Also when it is asked before, and again."""
    fitted = make_pipeline(StandardScaler(), RandomForestClassifier(5, **SEED)).fit(*FLOWERS)
    source = EstimatorSource(fitted)
    source.answer({"features": FLOWERS[0].astype(np.float32)})

    assert source.convert() == EstimatorSource(fitted).convert()


def test_what_learnt_float64_from_a_data_frame_is_asked_in_float64() -> None:
    """KMeans refuses rows of float32 then."""
    frame = pd.DataFrame(FLOWERS[0], columns=list("abcd"))
    source = EstimatorSource(KMeans(3, n_init=2, **SEED).fit(frame))

    assert wrong_rows(source, {"features": FLOWERS[0].astype(np.float32)}) == 0
