"""Estimators of scikit-learn, in this process: what a source says, converts and answers is one."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.cross_decomposition import PLSRegression
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
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
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier, RadiusNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from models.preparation.sources.estimators import EstimatorSource
from tests.support.rows import on_thresholds, with_holes, wrong_rows
from wherry.errors import ConfigurationError

FLOWERS = load_iris(return_X_y=True)
TUMOURS = load_breast_cancer(return_X_y=True)
PATIENTS = load_diabetes(return_X_y=True)
SEED = {"random_state": 0}
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


def _name(estimator: Any) -> str:
    return type(estimator[0] if isinstance(estimator, tuple) else estimator).__name__


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


@pytest.mark.parametrize("estimator", REGRESSIONS, ids=_name)
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
    ids=_name,
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
    ids=_name,
)
def test_a_missing_number_goes_where_it_went(estimator: Any) -> None:
    """Also where none was missing when the estimator learnt."""
    rows, y = with_holes(TUMOURS[0]), TUMOURS[1]
    for learnt in (rows, TUMOURS[0]):
        source = EstimatorSource(estimator.fit(learnt, y))
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


def test_what_learnt_float64_from_a_data_frame_is_asked_in_float64() -> None:
    """KMeans refuses rows of float32 then."""
    frame = pd.DataFrame(FLOWERS[0], columns=list("abcd"))
    source = EstimatorSource(KMeans(3, n_init=2, **SEED).fit(frame))

    assert wrong_rows(source, {"features": FLOWERS[0].astype(np.float32)}) == 0
