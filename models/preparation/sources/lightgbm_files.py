"""LightGBM's own text files; and its estimators of scikit-learn's kind."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.sources.boosted import Told, boosted
from models.preparation.sources.estimators import EstimatorSource
from models.preparation.sources.lightgbm_trees import ensemble_of
from models.preparation.sources.options import Options
from models.preparation.sources.source import Source
from models.preparation.sources.trees import Ensemble
from wherry.errors import ConfigurationError

PAIR = 2  # classes that one number decides between
UNNAMED = "Column_"


def opened(path: Path, options: Options) -> Source:
    """See Opener."""
    import lightgbm

    try:
        booster = lightgbm.Booster(model_file=str(path), params={"verbosity": -1})
    except lightgbm.basic.LightGBMError as error:
        raise ConfigurationError(
            str(path), "LightGBM cannot read it", "Write it with Booster.save_model('….txt')."
        ) from error
    ensemble = ensemble_of(booster)
    names = tuple(booster.feature_name())
    if all(each.startswith(UNNAMED) for each in names):
        names = ()

    def ask(rows: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(booster.predict(np.asarray(rows), num_threads=1))

    told = Told(
        library="lightgbm",
        ask=ask,
        ensemble=ensemble,
        columns=booster.num_feature(),
        names=names,
        classes=_classes(booster, ensemble, options),
    )
    return EstimatorSource(boosted(told, options.labels), task=options.task)


def ensemble_of_estimator(estimator: Any) -> Ensemble:
    """Of the rounds that it predicts with: up to the best one, if it stopped early."""
    return ensemble_of(estimator.booster_)


def _classes(booster: Any, ensemble: Ensemble, options: Options) -> int | None:
    """How many; None is a regression. A cross entropy is one, as its labels are no classes."""
    if ensemble.link in {"softmax", "each logistic"}:
        return ensemble.outputs
    objective = booster.dump_model(num_iteration=1)["objective"]
    binary = ensemble.link == "logistic" and objective.startswith("binary")
    return PAIR if binary and options.task != "regression" else None
