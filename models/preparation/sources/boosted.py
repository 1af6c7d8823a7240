"""
A boosted model of a library's own file, with scikit-learn's interface: so that there is one way to
ask it and one to convert it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from models.preparation.sources.trees import Ensemble
from models.preparation.steps.answers import Labels
from wherry.errors import ConfigurationError

TITLES = {"xgboost": "XGBoost", "lightgbm": "LightGBM", "catboost": "CatBoost"}
Ask = Callable[[NDArray[Any]], NDArray[Any]]


@dataclass(frozen=True)
class Told:
    """
    What a library's file holds: `ask` answers rows by the library itself, `names` are those of the
    columns, if it knows them, and `classes` is None of a regression.
    """

    library: str
    ask: Ask
    ensemble: Ensemble
    columns: int
    names: tuple[str, ...]
    classes: int | None


class Boosted(BaseEstimator):  # type: ignore[misc] # scikit-learn ships no types
    def __init__(self, told: Told) -> None:
        self.told = told
        self.n_features_in_ = told.columns
        if told.names:
            self.feature_names_in_ = np.asarray(told.names, dtype=object)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Boosted":
        return self  # nothing of it is changed

    @property
    def title(self) -> str:
        return TITLES[self.told.library]

    @property
    def ensemble(self) -> Ensemble:
        return self.told.ensemble


class BoostedClassifier(ClassifierMixin, Boosted):  # type: ignore[misc] # as above
    def __init__(self, told: Told, labels: Labels) -> None:
        super().__init__(told)
        self.classes_ = np.asarray(labels)

    def predict_proba(self, rows: Any) -> NDArray[Any]:
        told = self.told.ask(np.asarray(rows))
        return np.stack([1 - told, told], axis=1) if told.ndim == 1 else told

    def predict(self, rows: Any) -> NDArray[Any]:
        return np.asarray(self.classes_[self.predict_proba(rows).argmax(axis=1)])


class BoostedRegression(RegressorMixin, Boosted):  # type: ignore[misc] # as above
    def predict(self, rows: Any) -> NDArray[Any]:
        return self.told.ask(np.asarray(rows))


def boosted(told: Told, labels: tuple[str | int, ...] | None) -> Boosted:
    """A classifier whose classes are called as `labels` are, else 0, 1, 2…; or a regression."""
    if told.classes is None:
        return BoostedRegression(told)
    if labels is not None and len(labels) != told.classes:
        raise ConfigurationError(
            "[source] labels",
            f"{len(labels)} are named, the model has {told.classes}",
            "Name each.",
        )
    return BoostedClassifier(told, list(labels) if labels else list(range(told.classes)))
