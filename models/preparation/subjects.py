"""
What is prepared: a trained model that can be asked, and the rows that judge it.

It was trained here, or came as a file; from here on nobody needs to know which. A file is opened in
the sandbox, for as long as the subject is in use.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from models.preparation.build import ESTIMATOR, HELD_OUT, NETWORK
from models.preparation.config import ModelConfig
from models.preparation.fitness import check_facts, check_fits, check_rows, scored
from models.preparation.kept import Kept
from models.preparation.learnt import as_answers, example_of, options_of
from models.preparation.sources.config import SourceTable
from models.preparation.sources.kinds import Kind, kind_of
from models.preparation.sources.options import Options
from models.preparation.sources.rows import read_rows
from models.preparation.sources.source import Source, Values
from models.preparation.training import Training
from wherry.manifest import SourceInfo, TensorSpec


@dataclass(frozen=True, kw_only=True)
class Subject:
    """
    `inputs` are what a client sends, and `held_out` is rows of them, as exact as the data is.

    `truth` is None where nobody knows what is true of the rows.
    """

    source: Source
    inputs: tuple[TensorSpec, ...]
    held_out: Values
    truth: NDArray[Any] | None
    estimator: str
    metrics: Mapping[str, float]
    libraries: Mapping[str, str]
    training_data_sha256: str | None
    info: SourceInfo | None


@contextmanager
def trained_here(config: ModelConfig, training: Training) -> Iterator[Subject]:
    """What `wherry train` left."""
    record = training.record
    with _reopened(config, training) as source:
        inputs = _inputs(config, source, training.held_out)
        yield Subject(
            source=source,
            inputs=inputs,
            held_out=training.held_out.feeds(inputs[0].name),
            truth=training.held_out.y,
            estimator=record.estimator,
            metrics=record.metrics,
            libraries={**source.facts.libraries, **record.libraries},
            training_data_sha256=record.training_data_sha256,
            info=None,
        )


@contextmanager
def came_as_file(config: ModelConfig, told: SourceTable, build: Path) -> Iterator[Subject]:
    """The file that [source] names; its held-out rows are kept as training would keep them."""
    from models.preparation.sources.remote import opened_file

    file = config.path.parent / str(told.file)
    kind = told.kind or kind_of(file)
    with opened_file(file, kind, told.options(config.model.task)) as source:
        check_facts(config, source.facts)
        rows = read_rows(config, told, source.facts)
        build.mkdir(parents=True, exist_ok=True)
        rows.write(build / HELD_OUT)
        inputs = _inputs(config, source, rows)
        held_out = rows.feeds(inputs[0].name)
        yield Subject(
            source=source,
            inputs=inputs,
            held_out=held_out,
            truth=rows.y,
            estimator=source.facts.estimator,
            metrics=_metrics(config, source, held_out, rows.y),
            libraries=source.facts.libraries,
            training_data_sha256=None,
            info=_info(kind, file, source),
        )


@contextmanager
def _reopened(config: ModelConfig, training: Training) -> Iterator[Source]:
    if training.record.environment is None:
        from models.preparation.sources.estimators import EstimatorSource

        estimator = training.estimator
        if not isinstance(training.X, Mapping):
            check_rows(str(training.build), "X_held_out", training.X, config.steps)
            check_fits(config, estimator, training.X)
        columns = getattr(estimator, "n_features_in_", None) or training.X.shape[1]
        here = EstimatorSource(estimator, columns=columns, task=config.model.task)
        if isinstance(training.X, Mapping):
            check_facts(config, here.facts)
        yield here
        return
    from models.preparation.sources.remote import opened_file

    is_network = NETWORK in training.record.files
    options = Options(task=config.model.task)
    if is_network:
        options = options_of(config, example_of(config, training.X))
    with opened_file(
        training.build / (NETWORK if is_network else ESTIMATOR),
        "torch" if is_network else "sklearn",
        options,
    ) as source:
        check_facts(config, source.facts)
        yield source


def _inputs(config: ModelConfig, source: Source, rows: Kept) -> tuple[TensorSpec, ...]:
    """Steps stand between one tensor of the client's and the model's own."""
    if not config.steps:
        return source.facts.inputs
    columns = 1 if isinstance(rows.X, Mapping) else rows.X.shape[1]
    return (config.steps.tensor(columns),)


def _metrics(
    config: ModelConfig, source: Source, rows: Values, truth: NDArray[Any] | None
) -> dict[str, float]:
    if truth is None or not len(truth):
        return {}
    feeds = rows
    if config.steps:
        (name,) = rows
        feeds = {source.facts.inputs[0].name: config.steps.before(rows[name])}
    answers = config.steps.after(as_answers(source, source.answer(feeds)))
    told = scored(config.steps, truth, answers, source.facts.labels)
    return {name: float(value) for name, value in told.items()}


def _info(kind: Kind, file: Path, source: Source) -> SourceInfo:
    return SourceInfo(
        kind=kind,
        file=file.name,
        sha256=sha256_of(file),
        notes=source.facts.notes,
    )


def sha256_of(path: Path) -> str:
    """Of a file; of a folder, of the names and digests of all its files."""
    digest = hashlib.sha256()
    if path.is_file():
        digest.update(path.read_bytes())
        return digest.hexdigest()
    for file in sorted(each for each in path.rglob("*") if each.is_file()):
        name = file.relative_to(path).as_posix()
        digest.update(f"{name} {sha256_of(file)}\n".encode())
    return digest.hexdigest()
