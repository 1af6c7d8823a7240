"""
Estimators with scikit-learn's interface: .joblib, .pkl, .pickle and .skops.

Runs in the child alone. `untrusted` reads the file: what it names is judged before it is loaded.
"""

import warnings
from pathlib import Path
from typing import Any

from models.preparation.sources.estimators import EstimatorSource
from models.preparation.sources.options import Options
from models.preparation.sources.source import Source
from models.preparation.steps.pipeline import labels_of
from models.preparation.untrusted import pickles
from wherry.errors import ConfigurationError


def opened(path: Path, options: Options) -> Source:
    """See Opener; UnsafeError if the file names what is not allowed."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        estimator = pickles.opened(path)
    if not hasattr(estimator, "get_params") and not hasattr(estimator, "predict"):
        raise ConfigurationError(
            path.name,
            f"it holds an object of type {type(estimator).__name__}, and no estimator",
            "Save the fitted estimator or pipeline by itself.",
        )
    _check_labels(path, estimator, options)
    return EstimatorSource(
        estimator,
        task=options.task,
        inputs=options.inputs,
        notes=_notes([each.message for each in told]),
    )


def _check_labels(path: Path, estimator: Any, options: Options) -> None:
    """Who learnt from labels knows them."""
    known = None if options.labels is None else labels_of(estimator)
    if options.labels is not None and known is not None and known != list(options.labels):
        raise ConfigurationError(
            "[source] labels",
            f"{list(options.labels)} are declared, and {path.name} knows {known}",
            "Leave labels out: the file knows them.",
        )


def libraries_of(path: Path) -> frozenset[str]:
    """The packages that a file names; nothing of it is loaded."""
    return pickles.scan(path).libraries


def _notes(messages: list[Any]) -> tuple[str, ...]:
    """Of estimators of another scikit-learn, what was it and what is it here: once."""
    from sklearn.exceptions import InconsistentVersionWarning

    return tuple(
        sorted(
            {
                f"It was saved by scikit-learn {each.original_sklearn_version}, and is read by "
                f"{each.current_sklearn_version}."
                for each in messages
                if isinstance(each, InconsistentVersionWarning)
            }
        )
    )
