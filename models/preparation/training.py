"""
Training: run the model's script, measure the estimator, keep what preparation needs.

The estimator is kept as skops, never as a pickle, and the held-out rows as plain arrays; the record
holds the SHA-256 of both. Training again undoes the preparation: it is of another estimator now.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from models.preparation.build import ESTIMATOR, HELD_OUT, TRAINED, forget
from models.preparation.composing import config as composing
from models.preparation.config import read_config
from models.preparation.extras import need
from models.preparation.fitness import check_trained, estimator_name, measured
from models.preparation.script import run_script
from models.preparation.slicing import config as slicing
from models.preparation.texts.checked import checked_text
from models.preparation.trained import Trained
from wherry.errors import ConfigurationError, UsageError
from wherry.pipeline.spec import TOKENIZER

# Parts of scikit-learn's trees that skops reads back only when told to: their indices are used
# unchecked. The file is one that this command wrote, and its SHA-256 is checked before it is read.
REVIEWED = ("sklearn.tree._tree.Tree",)


class TrainingRecord(BaseModel):
    """`training.json`: what was trained, how well it does on rows that it never saw, from what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    estimator: str
    metrics: dict[str, float]
    rows_learnt: int
    rows_held_out: int
    training_data_sha256: str
    libraries: dict[str, str]
    files: dict[str, str]


@dataclass(frozen=True)
class Training:
    """What `train` kept, read back."""

    record: TrainingRecord
    estimator: Any
    X: NDArray[Any]
    tokenizer: str | None


def train(folder: Path, build: Path, options: Mapping[str, Any] | None = None) -> TrainingRecord:
    """Train the model of `folder` into the folder `build`; `options` win over `[train]`."""
    need()
    config = read_config(folder)
    if config.compose is not None:
        raise composing.no_training(config.model.name, config.compose)
    if config.slice is not None:
        raise slicing.no_training(config.model.name, config.slice)
    trained = run_script(folder, config.train, options or {})
    judged = trained
    if trained.tokenizer is None:
        check_trained(config, trained)
    else:
        judged = checked_text(config, trained, trained.tokenizer)
    metrics = measured(config, judged)
    forget(build)
    _keep(trained, build)
    record = TrainingRecord(
        model=config.model.name,
        estimator=estimator_name(trained.estimator),
        metrics=metrics,
        rows_learnt=len(trained.X_train),
        rows_held_out=len(trained.X_held_out),
        training_data_sha256=_data_sha256(trained.X_train, trained.y_train),
        libraries={name: version(name) for name in ("scikit-learn", "numpy")},
        files={name: _sha256(build / name) for name in _kept(trained)},
    )
    (build / TRAINED).write_text(record.model_dump_json(indent=2) + "\n")
    return record


def read_training(model: str, build: Path) -> Training:
    """Raise UsageError, with the command to run, unless the files are those that `train` wrote."""
    todo = f"Run `wherry train {model}`."
    try:
        record = TrainingRecord.model_validate_json((build / TRAINED).read_bytes())
        altered = [name for name, sha256 in record.files.items() if _sha256(build / name) != sha256]
    except FileNotFoundError as error:
        raise UsageError(model, "it has not been trained", todo) from error
    except ValidationError as error:
        raise UsageError(
            str(build / TRAINED), "it is broken, or of another Wherry", todo
        ) from error
    if altered:
        raise UsageError(str(build / altered[0]), "it was altered after training", todo)
    import skops.io

    estimator = skops.io.load(build / ESTIMATOR, trusted=list(REVIEWED))
    has_tokenizer = TOKENIZER in record.files
    tokenizer = (build / TOKENIZER).read_text(encoding="utf-8") if has_tokenizer else None
    with np.load(build / HELD_OUT, allow_pickle=False) as kept:
        return Training(record, estimator, kept["X"], tokenizer)


def _keep(trained: Trained, build: Path) -> None:
    import skops.io

    skops.io.dump(trained.estimator, build / ESTIMATOR)
    unknown = set(skops.io.get_untrusted_types(file=build / ESTIMATOR)) - set(REVIEWED)
    if unknown:
        raise ConfigurationError(
            estimator_name(trained.estimator),
            f"it holds {', '.join(sorted(unknown))}, which is not read back safely yet",
            "Choose another estimator.",
        )
    if trained.tokenizer is not None:
        (build / TOKENIZER).write_text(trained.tokenizer, encoding="utf-8")
    np.savez(build / HELD_OUT, X=_plain(trained.X_held_out), y=_plain(trained.y_held_out))


def _kept(trained: Trained) -> list[str]:
    return [ESTIMATOR, HELD_OUT, *([TOKENIZER] if trained.tokenizer is not None else [])]


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    """In C order, and text as characters: an array of Python objects could only be pickled."""
    return np.array(array.tolist()) if array.dtype == object else np.ascontiguousarray(array)


def _data_sha256(*arrays: NDArray[Any]) -> str:
    """The rows themselves, whatever their layout in memory."""
    digest = hashlib.sha256()
    for array in arrays:
        plain = _plain(array)
        digest.update(f"{plain.dtype.str} {plain.shape}\n".encode())
        digest.update(plain.tobytes())
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
