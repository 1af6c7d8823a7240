"""
Estimators with scikit-learn's interface: .joblib, .pkl, .pickle and .skops.

Runs in the child alone. A pickle is scanned before it is loaded, and skops reads by its own list.
"""

import zipfile
from pathlib import Path
from typing import Any

from models.preparation.sources.estimators import EstimatorSource
from models.preparation.sources.options import Options
from models.preparation.sources.source import Source

FRAMEWORKS = ("xgboost", "lightgbm", "catboost")


def opened(path: Path, options: Options) -> Source:
    """See Opener."""
    estimator = _skops(path) if path.suffix == ".skops" else _pickle(path)
    return EstimatorSource(estimator, task=options.task)


def libraries_of(path: Path) -> set[str]:
    """The frameworks that a file names; nothing of it is loaded."""
    data = path.read_bytes()
    if path.suffix == ".skops":
        with zipfile.ZipFile(path) as archive:
            data = archive.read("schema.json")
    return {name for name in FRAMEWORKS if name.encode() in data}


def _skops(path: Path) -> Any:
    import skops.io

    return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))


def _pickle(path: Path) -> Any:
    import joblib

    return joblib.load(path)


__all__ = ["libraries_of", "opened"]
