"""CatBoost's own files (.cbm); and its estimators of scikit-learn's kind."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.sources.boosted import Told, boosted
from models.preparation.sources.catboost_trees import ensemble_of, read_model
from models.preparation.sources.estimators import EstimatorSource
from models.preparation.sources.options import Options
from models.preparation.sources.source import Source
from models.preparation.sources.trees import Ensemble, Link
from wherry.errors import ConfigurationError

ASKED: dict[Link, str] = {
    "logistic": "Probability", "softmax": "Probability", "each logistic": "Probability",
    "exp": "Exponent", "identity": "RawFormulaVal",
}  # fmt: skip


def opened(path: Path, options: Options) -> Source:
    """See Opener."""
    import catboost

    try:
        model = catboost.CatBoost().load_model(str(path))
    except catboost.CatBoostError as error:
        raise ConfigurationError(
            str(path), "CatBoost cannot read it", "Write it with save_model('….cbm')."
        ) from error
    ensemble = ensemble_of(read_model(model))
    labels = _labels(model, ensemble, options)

    def ask(rows: NDArray[Any]) -> NDArray[Any]:
        told = model.predict(np.asarray(rows), ASKED[ensemble.link], thread_count=1)
        return np.asarray(told)

    names = tuple(model.feature_names_ or ())
    told = Told(
        library="catboost",
        ask=ask,
        ensemble=ensemble,
        columns=len(names),
        names=() if names == tuple(map(str, range(len(names)))) else names,
        classes=None if labels is None else len(labels),
    )
    return EstimatorSource(boosted(told, labels), task=options.task)


def ensemble_of_estimator(estimator: Any) -> Ensemble:
    return ensemble_of(read_model(estimator))


def _labels(model: Any, ensemble: Ensemble, options: Options) -> tuple[str | int, ...] | None:
    """The model's classes, called as they are declared; None of a regression."""
    if ensemble.link not in {"logistic", "softmax", "each logistic"}:
        return None
    if options.task == "regression" or not len(model.classes_):
        return None
    known = [each if isinstance(each, str) else int(each) for each in model.classes_]
    declared = options.labels
    if declared is None or list(declared) == known:
        return tuple(known)
    if known != list(range(len(declared))):
        raise ConfigurationError(
            "[source] labels",
            f"{list(declared)} are declared, and the model knows {known}",
            "Leave labels out: the file knows them.",
        )
    return declared
