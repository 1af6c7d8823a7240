"""
Whether what a script returned can become the model that model.toml describes, and how good it is.

Everything that scikit-learn would refuse later, with its own words and a traceback, is refused here
as the author's to mend. Preparation asks `check_fits` again: the settings may have been changed.
"""

import math
from typing import Any

import numpy as np

from models.preparation.config import ModelConfig
from models.preparation.trained import Trained
from wherry.errors import ConfigurationError

TABLE = 2  # axes: rows and columns


def check_trained(config: ModelConfig, trained: Trained) -> None:
    """Raise ConfigurationError unless rows, answers, settings and estimator go together."""
    where = str(config.path.with_name("train.py"))
    for part in ("train", "held_out"):
        X, y = getattr(trained, f"X_{part}"), getattr(trained, f"y_{part}")
        _check_table(where, f"X_{part}", X)
        if not isinstance(y, np.ndarray) or y.shape[:1] != X.shape[:1]:
            told = f"X_{part} has {len(X)} rows, y_{part} is {_kind(y)}"
            raise ConfigurationError(where, told, "Give one answer a row, as a NumPy array.")
    columns = trained.X_train.shape[1], trained.X_held_out.shape[1]
    if len(set(columns)) > 1:
        told = f"X_train has {columns[0]} and X_held_out {columns[1]} columns"
        raise ConfigurationError(where, told, "Give both the same columns.")
    check_fits(config, trained.estimator, columns[0])


def check_fits(config: ModelConfig, estimator: Any, columns: int) -> None:
    """Raise ConfigurationError unless the estimator does what model.toml says."""
    described = len(config.features)
    if described not in (0, columns):
        raise ConfigurationError(
            f"{config.path}: [[features]]",
            f"{described} columns are described, X_train has {columns}",
            "Describe each column, in order.",
        )
    name, task = estimator_name(estimator), config.model.task
    if task == "regression" and hasattr(estimator, "classes_"):
        raise ConfigurationError(
            f"{config.path}: [model] task",
            f"'regression', and {name} is a classifier",
            'Write task = "classification", or train another estimator.',
        )
    if task == "classification" and not hasattr(estimator, "predict_proba"):
        raise ConfigurationError(
            str(config.path.with_name("train.py")),
            f"{name} gives no probabilities",
            "Choose a classifier that has predict_proba.",
        )


def measured(config: ModelConfig, trained: Trained) -> dict[str, float]:
    """The author's metrics, and those that Wherry measures on the held-out rows."""
    where = str(config.path.with_name("train.py"))
    try:
        answers = trained.estimator.predict(trained.X_held_out)
        scores = _scores(config.model.task, trained.y_held_out, answers)
    except Exception as error:
        why = f"{type(error).__name__}: {error}".partition("\n")[0].rstrip(".")
        raise ConfigurationError(
            where,
            f"the estimator fails on the held-out rows ({why})",
            "Return one that is fitted, and rows that it takes.",
        ) from error
    metrics: dict[str, Any] = {**trained.metrics, **scores}
    for name, value in metrics.items():
        if not isinstance(value, int | float | np.number) or not math.isfinite(value):
            raise ConfigurationError(
                where, f"the metric {name} is {value!r:.80}", "Give finite numbers, and more rows."
            )
    return {name: float(value) for name, value in metrics.items()}


def estimator_name(estimator: Any) -> str:
    """Its class; of a pipeline, the classes of its steps."""
    steps = [step for _, step in getattr(estimator, "steps", [("", estimator)])]
    return " > ".join(type(step).__name__ for step in steps)


def _check_table(where: str, name: str, rows: Any) -> None:
    table = isinstance(rows, np.ndarray) and rows.ndim == TABLE and rows.size
    if not table or rows.dtype.kind not in "fiub":
        raise ConfigurationError(
            where, f"{name} is {_kind(rows)}", "Give a table of numbers, as a NumPy array."
        )


def _kind(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {list(value.shape)}"
    return f"of type {type(value).__name__}"


def _scores(task: str, truth: Any, answers: Any) -> dict[str, Any]:
    from sklearn.metrics import accuracy_score, mean_absolute_error, r2_score

    if task == "classification":
        return {"accuracy": accuracy_score(truth, answers)}
    return {
        "mean_absolute_error": mean_absolute_error(truth, answers),
        "r2": r2_score(truth, answers),
    }
