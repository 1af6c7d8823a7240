"""
Refits and students of an estimator with scikit-learn's interface, on the rows that it learnt.

A refit is the estimator with less room. A student is a small model of another kind; it learns
twice: from the labels, and from what the estimator itself tells of the same rows (distillation).
Only beside the first does the second mean anything.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.optimizing.subject import OF_LABELS, OF_MODEL

FOREST = ("RandomForest", "ExtraTrees")
NETWORK = "MLP"
SMALL_ALREADY = ("Linear", "Logistic", "Ridge", "Lasso", "SGD", "GaussianNB", "Dummy")
COARSE, SMALL, NARROW = "refit_coarse", "refit_small", "refit_narrow"
LEAVES, IN_A_LEAF = 256, 10
STUDENT = {"max_iter": 60, "max_leaf_nodes": 31, "early_stopping": False, "random_state": 0}
STUDENT_WIDTH = 32
LEAST_WEIGHT = 1e-6


@dataclass(frozen=True)
class EstimatorRetrain:
    """
    A Retrain. `X` is what the estimator itself takes, an array or a data frame; `to_onnx` converts
    any estimator of such rows, with the model's declared steps.
    """

    estimator: Any
    X: Any
    y: NDArray[Any]
    to_onnx: Callable[[Any], bytes]

    @property
    def offers(self) -> Mapping[str, str]:
        """See Retrain."""
        kind = type(self._last).__name__
        if kind.startswith(SMALL_ALREADY):
            return {}
        refits = {name: _told(settings) for name, settings in self._refits(kind).items()}
        student = f"MLP of {STUDENT_WIDTH}" if kind.startswith(NETWORK) else "60 boosted trees"
        students = {OF_LABELS: f"{student}, of labels", OF_MODEL: f"{student}, of this model"}
        return refits | students

    def learn(self, name: str) -> bytes:
        """See Retrain."""
        if name == OF_LABELS:
            return self.to_onnx(self._with(self._student()).fit(self.X, self.y))
        if name == OF_MODEL:
            return self.to_onnx(self._taught())
        settings = self._refits(type(self._last).__name__)[name]
        return self.to_onnx(self._with(self._smaller(settings)).fit(self.X, self.y))

    @property
    def _last(self) -> Any:
        """Of a pipeline, the step that predicts."""
        return getattr(self.estimator, "steps", [(None, self.estimator)])[-1][1]

    def _with(self, last: Any) -> Any:
        """The same, unfitted, with another step that predicts."""
        from sklearn.base import clone

        steps = getattr(self.estimator, "steps", None)
        if steps is None:
            return last
        return clone(self.estimator).set_params(**{steps[-1][0]: last})

    def _smaller(self, settings: Mapping[str, Any]) -> Any:
        from sklearn.base import clone

        return clone(self._last).set_params(**_seeded(self._last, settings))

    def _refits(self, kind: str) -> dict[str, dict[str, Any]]:
        told = self._last.get_params()
        if kind.startswith(FOREST):
            fewer = max(10, told["n_estimators"] // 3)
            return {
                COARSE: {"min_samples_leaf": IN_A_LEAF},
                SMALL: {"n_estimators": fewer, "max_leaf_nodes": LEAVES},
            }
        if kind.startswith("GradientBoosting"):
            return {SMALL: {"n_estimators": max(10, told["n_estimators"] // 3)}}
        if kind.startswith("HistGradientBoosting"):
            return {SMALL: {"max_iter": max(10, told["max_iter"] // 3)}}
        if kind.startswith(NETWORK):
            widths = np.atleast_1d(told["hidden_layer_sizes"]).tolist()
            return {NARROW: {"hidden_layer_sizes": tuple(max(8, width // 4) for width in widths)}}
        return {}

    def _student(self) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        classifies = hasattr(self.estimator, "classes_")
        if type(self._last).__name__.startswith(NETWORK):
            return self._smaller({"hidden_layer_sizes": (STUDENT_WIDTH,)})
        kind = HistGradientBoostingClassifier if classifies else HistGradientBoostingRegressor
        return kind(**STUDENT)

    def _taught(self) -> Any:
        """Each row once a class, by what the estimator gives the class; numbers as they are."""
        if not hasattr(self.estimator, "classes_"):
            return self._with(self._student()).fit(self.X, self.estimator.predict(self.X))
        shares = np.maximum(self.estimator.predict_proba(self.X), LEAST_WEIGHT)
        rows = np.repeat(np.arange(len(shares)), shares.shape[1])
        labels = np.tile(self.estimator.classes_, len(shares))
        student = self._with(self._student())
        steps = getattr(student, "steps", None)
        weight = "sample_weight" if steps is None else f"{steps[-1][0]}__sample_weight"
        return student.fit(_picked(self.X, rows), labels, **{weight: shares.reshape(-1)})


def _picked(X: Any, rows: NDArray[Any]) -> Any:
    return X.iloc[rows] if hasattr(X, "iloc") else X[rows]


def _seeded(estimator: Any, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The same rows must give the same model."""
    told = estimator.get_params()
    seed = {"random_state": 0} if told.get("random_state", 0) is None else {}
    return {**seed, **settings}


def _told(settings: Mapping[str, Any]) -> str:
    return "refit: " + ", ".join(f"{name}={value}" for name, value in settings.items())
