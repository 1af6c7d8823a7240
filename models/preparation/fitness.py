"""
Whether what a script returned can become the model that model.toml describes, and how good it is.

Everything that scikit-learn would refuse later, with its own words and a traceback, is refused here
as the author's to mend. Preparation asks `check_fits` again: the settings may have been changed.
"""

import math
from typing import Any

import numpy as np

from models.preparation.config import ModelConfig
from models.preparation.learnt import answered, is_frame, is_network, source_of
from models.preparation.sources.source import Facts
from models.preparation.steps.answers import Labels
from models.preparation.steps.pipeline import Answers, Steps, labels_of
from models.preparation.trained import Trained
from wherry.errors import ConfigurationError, WherryError
from wherry.protocol.datatypes import TO_NUMPY

TABLE = 2  # axes: rows and columns
_GIVEN = {"predict_proba": "probabilities", "decision_function": "number for each label"}


def check_trained(config: ModelConfig, trained: Trained) -> None:
    """Raise ConfigurationError unless rows, answers, settings and estimator go together."""
    where = str(config.path.with_name("train.py"))
    frames = is_frame(trained.X_train)
    for part in ("train", "held_out"):
        X, y = getattr(trained, f"X_{part}"), getattr(trained, f"y_{part}")
        if not frames:
            check_rows(where, f"X_{part}", X, config.steps)
        elif not is_frame(X):
            raise ConfigurationError(where, f"X_{part} is {_kind(X)}", "Give both as data frames.")
        if not isinstance(y, np.ndarray) or y.shape[:1] != X.shape[:1]:
            told = f"X_{part} has {len(X)} rows, y_{part} is {_kind(y)}"
            raise ConfigurationError(where, told, "Give one answer a row, as a NumPy array.")
    if not is_network(trained.estimator):
        _check_fitted(where, trained.estimator)
    if frames:
        _check_frames(config)
        return
    columns = trained.X_train.shape[1], trained.X_held_out.shape[1]
    if config.steps.input is None and len(set(columns)) > 1:
        told = f"X_train has {columns[0]} and X_held_out {columns[1]} columns"
        raise ConfigurationError(where, told, "Give both the same columns.")
    if not is_network(trained.estimator):
        check_fits(config, trained.estimator, trained.X_held_out)


def _check_fitted(where: str, estimator: Any) -> None:
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    try:
        check_is_fitted(estimator)
    except (NotFittedError, TypeError) as error:
        raise ConfigurationError(
            where, f"{estimator_name(estimator)} is not fitted", "Return one that is."
        ) from error


def _check_frames(config: ModelConfig) -> None:
    """Declared steps are on numbers, and a data frame's columns may hold text."""
    if config.steps:
        raise ConfigurationError(
            f"{config.path}: [pipeline]",
            "steps take one table of numbers, and train.py gives a data frame",
            "Make them part of the estimator, or give arrays.",
        )


def check_fits(config: ModelConfig, estimator: Any, X: Any) -> None:
    """Raise ConfigurationError unless the estimator does what model.toml says, of such rows."""
    described, columns = len(config.features), X.shape[1]
    if described and X.shape[1:] != (described,):
        raise ConfigurationError(
            f"{config.path}: [[features]]",
            f"{described} columns are described, X_train has {columns}",
            "Describe each column, in order.",
        )
    _check_learnt(config, estimator, config.steps.before(X[:1]).shape[1:])
    name, task = estimator_name(estimator), config.model.task
    if task == "regression" and hasattr(estimator, "classes_"):
        raise ConfigurationError(
            f"{config.path}: [model] task",
            f"'regression', and {name} is a classifier",
            'Write task = "classification", or train another estimator.',
        )
    labels = labels_of(estimator)
    if labels is not None:
        config.steps.after(Answers(np.eye(len(labels)), np.asarray(labels), labels))
    if task == "classification" and not hasattr(estimator, "predict_proba"):
        check_scores(config, estimator)


def check_scores(config: ModelConfig, estimator: Any, needed: str = "decision_function") -> None:
    """Raise ConfigurationError unless the classifier tells, of each label, a number."""
    if not hasattr(estimator, needed):
        raise ConfigurationError(
            str(config.path.with_name("train.py")),
            f"{estimator_name(estimator)} gives no {_GIVEN[needed]}",
            f"Choose a classifier that has {needed}.",
        )


def check_facts(config: ModelConfig, facts: Facts) -> None:
    """Raise ConfigurationError unless model.toml describes the model that a file holds."""
    _check_described(config, facts)
    if facts.task != config.model.task:
        raise ConfigurationError(
            f"{config.path}: [model] task",
            f"{config.model.task!r}, and {facts.estimator} does {facts.task}",
            f'Write task = "{facts.task}".',
        )
    if config.steps and len(facts.inputs) != 1:
        raise ConfigurationError(
            f"{config.path}: [pipeline]",
            f"steps take one tensor, and the model takes {len(facts.inputs)}",
            "Leave the steps out.",
        )


def _check_described(config: ModelConfig, facts: Facts) -> None:
    """[[features]] are the columns of the one table, or inputs that are a column each."""
    where, inputs = f"{config.path}: [[features]]", facts.inputs
    names = [feature.name for feature in config.features]
    if not names or config.steps or set(names) <= {each.name for each in inputs}:
        return
    takes = ", ".join(f"{each.name} {list(each.shape)}" for each in inputs)
    if len(inputs) > 1:
        unknown = next(name for name in names if name not in {each.name for each in inputs})
        raise ConfigurationError(
            where, f"{unknown!r} is described, and the model takes {takes}", "Use its names."
        )
    if inputs[0].shape[1:] not in ((len(names),), (-1,)):
        raise ConfigurationError(
            where,
            f"{len(names)} columns are described, and the model takes {takes}",
            "Describe each column of its one table, in order, or none.",
        )


def _check_learnt(config: ModelConfig, estimator: Any, row: tuple[int, ...]) -> None:
    """The estimator learnt what the steps make of a row: so many columns."""
    where = f"{config.path}: [[pipeline.pre]]"
    if len(row) != 1:
        raise ConfigurationError(
            where,
            f"the steps make rows of {list(row)}, and an estimator takes columns",
            'Let the last step be kind = "flatten".',
        )
    learnt = getattr(estimator, "n_features_in_", row[0])
    if config.steps and learnt != row[0]:
        raise ConfigurationError(
            where,
            f"the steps make {row[0]} columns, and the estimator learnt {learnt}",
            "Let train.py learn from steps_of(__file__).before(rows), and train again.",
        )


def measured(config: ModelConfig, trained: Trained) -> dict[str, float]:
    """The author's metrics, and those that Wherry measures on the held-out rows."""
    where = str(config.path.with_name("train.py"))
    try:
        source = source_of(config, trained)
        answers = answered(config, source, trained.X_held_out)
        scores = scored(config.steps, trained.y_held_out, answers, source.facts.labels)
    except WherryError:
        raise
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


def check_rows(where: str, name: str, rows: Any, steps: Steps) -> None:
    """Raise ConfigurationError unless these are rows as a client sends them."""
    numbers = isinstance(rows, np.ndarray) and rows.size and rows.dtype.kind in "fiub"
    if steps.input is None:
        if not numbers or rows.ndim != TABLE:
            raise ConfigurationError(
                where, f"{name} is {_kind(rows)}", "Give a table of numbers, as a NumPy array."
            )
        return
    wanted = steps.input
    fits = (
        numbers
        and rows.ndim == len(wanted.shape)
        and all(size in (-1, found) for size, found in zip(wanted.shape, rows.shape, strict=True))
    )
    if not fits or not _held(rows, TO_NUMPY[wanted.datatype]):
        raise ConfigurationError(
            where,
            f"{name} is {_kind(rows)}",
            f"Give what clients send: {wanted.name}, {wanted.datatype} {list(wanted.shape)}.",
        )


def _held(rows: Any, dtype: Any) -> bool:
    """Whether nothing but precision is lost when these rows are sent."""
    with np.errstate(invalid="ignore"):
        return dtype.kind == "f" or bool(np.array_equal(rows, rows.astype(dtype)))


def _kind(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {list(value.shape)}"
    return f"of type {type(value).__name__}"


def scored(steps: Steps, truth: Any, answers: Answers, labels: Labels | None) -> dict[str, Any]:
    """How good final answers are; `truth` is in the words of `labels`, as before any step."""
    from sklearn.metrics import accuracy_score, mean_absolute_error, r2_score

    if answers.label is not None:
        told = truth if labels is None else steps.renamed(truth, labels)[0]
        return {"accuracy": accuracy_score(told, answers.label)}
    wanted = steps.after(Answers(truth.reshape(len(truth), -1))).numbers
    return {
        "mean_absolute_error": mean_absolute_error(wanted, answers.numbers),
        "r2": r2_score(wanted, answers.numbers),
    }
