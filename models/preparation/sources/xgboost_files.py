"""XGBoost's own files (.json, .ubj, .model); and its estimators of scikit-learn's kind."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.sources.boosted import Told, boosted
from models.preparation.sources.estimators import EstimatorSource
from models.preparation.sources.options import Options
from models.preparation.sources.source import Source
from models.preparation.sources.trees import Ensemble
from models.preparation.sources.xgboost_trees import ensemble_of
from wherry.errors import ConfigurationError

PAIR = 2  # classes that one number decides between


def opened(path: Path, options: Options) -> Source:
    """See Opener."""
    import xgboost

    booster = xgboost.Booster({"nthread": 1})
    try:
        booster.load_model(path)
    except xgboost.core.XGBoostError as error:
        raise ConfigurationError(
            str(path), "XGBoost cannot read it", "Write it with Booster.save_model('….json')."
        ) from error
    ensemble = ensemble_of(booster)
    if ensemble.link == "softmax":
        booster.set_param({"objective": "multi:softprob"})
    told = Told(
        library="xgboost",
        ask=_asking(booster),
        ensemble=ensemble,
        columns=booster.num_features(),
        names=tuple(booster.feature_names or ()),
        classes=_classes(ensemble, options),
    )
    return EstimatorSource(boosted(told, options.labels), task=options.task)


def ensemble_of_estimator(estimator: Any) -> Ensemble:
    """Of the rounds that it predicts with: up to the best one, if it stopped early."""
    if estimator.missing is not None and not np.isnan(estimator.missing):
        raise ConfigurationError(
            type(estimator).__name__,
            f"it takes {estimator.missing!r} for missing",
            "Train it with missing = NaN.",
        )
    best = getattr(estimator, "best_iteration", None) if _stopped_early(estimator) else None
    return ensemble_of(estimator.get_booster(), None if best is None else best + 1)


def _stopped_early(estimator: Any) -> bool:
    return getattr(estimator, "early_stopping_rounds", None) is not None


def _classes(ensemble: Ensemble, options: Options) -> int | None:
    """How many; None is a regression. A logistic objective is one only if the task says so."""
    if ensemble.link == "softmax":
        return ensemble.outputs
    return PAIR if ensemble.link == "logistic" and options.task != "regression" else None


def _asking(booster: Any) -> Any:
    import xgboost

    def ask(rows: NDArray[Any]) -> NDArray[Any]:
        names = booster.feature_names
        matrix = xgboost.DMatrix(np.asarray(rows), feature_names=names)
        return np.asarray(booster.predict(matrix, validate_features=False))

    return ask
