"""
Training: run the model's script, measure what it returned, keep what preparation needs.

The estimator is kept as skops, never as a pickle, a network as an exported program, and the rows as
plain arrays; the record holds the SHA-256 of each. Training again undoes the preparation: it is of
another estimator now. A script that needs a framework runs in that framework's environment.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from models.preparation.build import ESTIMATOR, HELD_OUT, LEARNT, NETWORK, TRAINED, forget
from models.preparation.composing import config as composing
from models.preparation.config import ModelConfig, read_config
from models.preparation.extras import need
from models.preparation.fitness import check_trained, estimator_name, measured
from models.preparation.kept import Kept, Rows, read_kept
from models.preparation.learnt import example_of, is_network, kept_rows
from models.preparation.script import run_script
from models.preparation.slicing import config as slicing
from models.preparation.sources.environments import Group
from models.preparation.texts.checked import checked_text
from models.preparation.trained import Trained
from models.preparation.untrusted.allowed import ALLOWED
from wherry.errors import ConfigurationError, UsageError
from wherry.pipeline.spec import TOKENIZER


class TrainingRecord(BaseModel):
    """`training.json`: what was trained, how well it does on rows that it never saw, from what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    estimator: str
    environment: Group | None = None
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
    build: Path
    held_out: Kept
    tokenizer: str | None

    @cached_property
    def estimator(self) -> Any:
        """In this process: it is one of scikit-learn's, and this command wrote the file."""
        import skops.io

        file = self.build / ESTIMATOR
        return skops.io.load(file, trusted=skops.io.get_untrusted_types(file=file))

    @property
    def X(self) -> Any:  # noqa: N802 - the field's own name
        """The held-out rows as one array, or as columns by name."""
        return self.held_out.X

    @property
    def learnt(self) -> Kept:
        return read_kept(self.build / LEARNT)


def train(
    folder: Path,
    build: Path,
    options: Mapping[str, Any] | None = None,
    environment: Group | None = None,
) -> TrainingRecord:
    """
    Train the model of `folder` into the folder `build`; `options` win over `[train]`.

    `environment` is the framework's in which the script runs; None: as [source] says, or here.
    """
    need()
    config = read_config(folder)
    _check_is_trained(config)
    environment = environment or (config.source.environment if config.source else None)
    if environment is not None:
        from models.preparation.elsewhere import train_elsewhere, trains_here

        if not trains_here(environment):
            return train_elsewhere(environment, folder, build, options or {})
    trained = run_script(folder, config.train, options or {})
    judged = trained
    if trained.tokenizer is None:
        check_trained(config, trained)
    else:
        judged = checked_text(config, trained, trained.tokenizer)
    metrics = measured(config, judged)
    forget(build)
    return _kept(config, trained, metrics, build, environment)


def _check_is_trained(config: ModelConfig) -> None:
    if config.compose is not None:
        raise composing.no_training(config.model.name, config.compose)
    if config.slice is not None:
        raise slicing.no_training(config.model.name, config.slice)
    if config.source is not None and config.source.file is not None:
        raise UsageError(
            f"wherry train {config.model.name}",
            f"the model came trained, as {config.source.file}",
            f"Run `wherry prepare {config.model.name}`.",
        )


def _kept(
    config: ModelConfig,
    trained: Trained,
    metrics: dict[str, float],
    build: Path,
    environment: Group | None,
) -> TrainingRecord:
    held_out, learnt = kept_rows(config, trained)
    held_out.write(build / HELD_OUT)
    learnt.write(build / LEARNT)
    files = [HELD_OUT, LEARNT, _keep_model(config, trained, build)]
    if trained.tokenizer is not None:
        (build / TOKENIZER).write_text(trained.tokenizer, encoding="utf-8")
        files.append(TOKENIZER)
    names = ("scikit-learn", "numpy", *([environment] if environment else []))
    record = TrainingRecord(
        model=config.model.name,
        estimator=estimator_name(trained.estimator),
        environment=environment,
        metrics=metrics,
        rows_learnt=len(learnt),
        rows_held_out=len(held_out),
        training_data_sha256=learnt.sha256(),
        libraries={name: _version(name) for name in names},
        files={name: _sha256(build / name) for name in files},
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
    has_tokenizer = TOKENIZER in record.files
    tokenizer = (build / TOKENIZER).read_text(encoding="utf-8") if has_tokenizer else None
    return Training(record, build, read_kept(build / HELD_OUT), tokenizer)


def _keep_model(config: ModelConfig, trained: Trained, build: Path) -> str:
    """Write the trained model; return the name of its file."""
    if is_network(trained.estimator):
        from models.preparation.sources.torch_files import kept

        kept(trained.estimator, example_of(config, trained.X_held_out), build / NETWORK)
        return NETWORK
    import skops.io

    skops.io.dump(trained.estimator, build / ESTIMATOR)
    known = {f"{module}.{name}" for module, name in ALLOWED}
    unknown = set(skops.io.get_untrusted_types(file=build / ESTIMATOR)) - known
    if unknown:
        raise ConfigurationError(
            estimator_name(trained.estimator),
            f"it holds {', '.join(sorted(unknown))}, which is not read back safely yet",
            "Choose another estimator.",
        )
    return ESTIMATOR


def _version(name: str) -> str:
    """Of a library; the builds for the CPU alone have names of their own."""
    return version("xgboost-cpu" if name == "xgboost" else name)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


__all__ = ["Rows", "Training", "TrainingRecord", "read_training", "train"]
