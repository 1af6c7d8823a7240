"""
What an estimator answers, and by which names: told from what it can do.

A classifier without probabilities answers its decision function as `scores`. Who answers several
labels a row is refused: one model answers one question.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.preparation.convert import LABEL, PREDICTION, PROBABILITIES
from models.preparation.sources.parts import last_of
from models.preparation.sources.source import Family, Task
from models.preparation.steps.answers import Labels
from models.preparation.steps.pipeline import labels_of
from wherry.errors import ConfigurationError
from wherry.manifest import TensorSpec

PAIR = 2  # classes that one number decides between
SCORES, TRANSFORMED = "scores", "transformed"
Role = Literal["probabilities", "decision", "regression", "outliers", "clusters", "transformer"]
TASKS: dict[Role, Task] = {
    "probabilities": "classification", "decision": "classification", "regression": "regression",
    "outliers": "other", "clusters": "other", "transformer": "other",
}  # fmt: skip
LINEAR = (
    "sklearn.linear_model", "sklearn.svm._classes.Linear", "sklearn.cross_decomposition",
    "sklearn.discriminant_analysis.LinearDiscriminantAnalysis",
)  # fmt: skip
TREES = (
    "sklearn.tree", "sklearn.ensemble._forest", "sklearn.ensemble._gb",
    "sklearn.ensemble._hist_gradient_boosting", "sklearn.ensemble._iforest",
    "xgboost", "lightgbm", "catboost", "models.preparation.sources.boosted",
)  # fmt: skip


def role_of(estimator: Any, task: Task | None = None) -> Role:
    """Raise ConfigurationError if it contradicts the declared task, or cannot be served."""
    role = _role(estimator)
    if task not in {None, TASKS[role]}:
        raise ConfigurationError(
            "[model] task",
            f"{task!r}, and {type(last_of(estimator)).__name__} is {_told(role)}",
            f'Write task = "{TASKS[role]}".',
        )
    return role


def _role(estimator: Any) -> Role:
    from sklearn.base import is_classifier, is_clusterer, is_outlier_detector, is_regressor

    if not hasattr(type(estimator), "__sklearn_tags__"):
        return _role_of_methods(estimator)
    if is_classifier(estimator):
        return _role_of_classifier(estimator)
    if is_regressor(estimator):
        return "regression"
    if is_outlier_detector(estimator):
        return "outliers"
    if is_clusterer(estimator) and hasattr(estimator, "predict"):
        return "clusters"
    return _role_of_methods(estimator)


def _role_of_classifier(estimator: Any) -> Role:
    _check_one_label(estimator)
    return "probabilities" if hasattr(estimator, "predict_proba") else "decision"


def _role_of_methods(estimator: Any) -> Role:
    """Of those that do not say what they are."""
    if hasattr(estimator, "classes_"):
        return _role_of_classifier(estimator)
    if hasattr(estimator, "transform"):
        return "transformer"
    if hasattr(estimator, "predict"):
        return "clusters" if hasattr(estimator, "predict_proba") else "regression"
    raise ConfigurationError(
        type(estimator).__name__,
        "it can neither predict nor transform rows that it has not seen",
        "Choose another estimator.",
    )


def _check_one_label(estimator: Any) -> None:
    classes = getattr(estimator, "classes_", None)
    if classes is None or isinstance(classes, list) or getattr(estimator, "multilabel_", False):
        raise ConfigurationError(
            type(last_of(estimator)).__name__,
            "it answers several labels a row" if classes is not None else "it is not fitted",
            "Make a model of each label, and let [compose] ask them all."
            if classes is not None
            else "Fit it first.",
        )


def _told(role: Role) -> str:
    return {
        "probabilities": "a classifier", "decision": "a classifier", "regression": "a regression",
        "outliers": "a detector of outliers", "clusters": "a clustering",
        "transformer": "a transformer",
    }[role]  # fmt: skip


def family_of(estimator: Any) -> Family:
    """Of what decides: the end of a pipeline; of votes and stacks, the least exact member."""
    last = last_of(estimator)
    name = f"{type(last).__module__}.{type(last).__qualname__}"
    if name.startswith(TREES):
        return "trees"
    if name.startswith(LINEAR):
        return "linear"
    if name.startswith("sklearn.neural_network"):
        return "network"
    members = _members(last)
    families = {family_of(each) for each in members}
    if len(families) == 1:
        return families.pop()
    return "linear" if families == {"trees", "linear"} else "other"


def _members(estimator: Any) -> list[Any]:
    final = getattr(estimator, "final_estimator_", None)
    members = getattr(estimator, "estimators_", None)
    found = [] if members is None else [*np.ravel(np.asarray(members, dtype=object))]
    calibrated = [each.estimator for each in getattr(estimator, "calibrated_classifiers_", ())]
    inner = [getattr(estimator, name, None) for name in ("estimator_", "regressor_")]
    return [each for each in [*found, *calibrated, final, *inner] if hasattr(each, "get_params")]


def answers_of(estimator: Any, role: Role, rows: Any) -> dict[str, NDArray[Any]]:
    """What the estimator answers of rows as it learnt them."""
    if role == "transformer":
        return {TRANSFORMED: _dense(estimator.transform(rows))}
    told = np.asarray(estimator.predict(rows))
    if role == "regression":
        return {PREDICTION: told.reshape(len(told), -1)}
    if role == "probabilities":
        return {LABEL: told.ravel(), PROBABILITIES: np.asarray(estimator.predict_proba(rows))}
    if role == "decision":
        return {LABEL: told, SCORES: _both(np.asarray(estimator.decision_function(rows)))}
    if role == "outliers":
        scores = np.asarray(estimator.decision_function(rows))
        return {LABEL: told, SCORES: scores.reshape(-1, 1)}
    ask = estimator.predict_proba if hasattr(estimator, "predict_proba") else estimator.transform
    return {LABEL: told, SCORES: np.asarray(ask(rows))}


def outputs_of(estimator: Any, role: Role) -> tuple[TensorSpec, ...] | None:
    """By what the estimator says of itself; None where only the converted model knows."""
    if TASKS[role] == "classification":
        labels = labels_of(estimator)
        assert labels is not None  # noqa: S101 - checked by role_of
        kind: Any = "BYTES" if isinstance(labels[0], str) else "INT64"
        numbers = PROBABILITIES if role == "probabilities" else SCORES
        return (
            TensorSpec(LABEL, kind, (-1,)),
            TensorSpec(numbers, "FP32", (-1, _width(estimator, role, labels))),
        )
    return None


def _width(estimator: Any, role: Role, labels: Labels) -> int:
    shape = getattr(last_of(estimator), "decision_function_shape", "ovr")
    if role == "decision" and shape == "ovo" and len(labels) > PAIR:
        return len(labels) * (len(labels) - 1) // 2
    return len(labels)


def _both(scores: NDArray[Any]) -> NDArray[Any]:
    """Of two classes scikit-learn tells only the second one's number; the first one has less it."""
    return np.stack([-scores, scores], axis=1) if scores.ndim == 1 else scores


def _dense(rows: Any) -> NDArray[Any]:
    return np.asarray(rows.toarray() if hasattr(rows, "toarray") else rows)
