"""
A build folder as something to optimise: the model as converted, its rows, and what can learn again.

Only what was trained in this environment, or as a network of PyTorch, can learn again here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.build import NETWORK, read_artifact
from models.preparation.config import ModelConfig
from models.preparation.converted import feeds_of
from models.preparation.golden import read_golden, replay
from models.preparation.kept import Kept
from models.preparation.optimizing.estimators import EstimatorRetrain
from models.preparation.optimizing.networks import NetworkRetrain
from models.preparation.optimizing.sealing import resealed
from models.preparation.optimizing.subject import NO_ROWS, Made, Retrain, Subject
from models.preparation.parity.train_only import remove
from models.preparation.sources.columns import columns_of
from models.preparation.sources.estimators import EstimatorSource
from models.preparation.sources.options import Options
from models.preparation.sources.remote import opened_file
from models.preparation.sources.source import Facts
from models.preparation.steps.fold import fold
from models.preparation.steps.pipeline import INPUT, Answers
from models.preparation.subjects import Subject as Prepared
from models.preparation.subjects import came_as_file, trained_here
from models.preparation.training import Training, read_training
from wherry.errors import RefusedError, UsageError, WherryError
from wherry.manifest import TensorSpec
from wherry.protocol.datatypes import TO_NUMPY

Refusal = Callable[[Made], str | None]
ELSEWHERE = "its library is in another environment, where nothing is learnt again yet"
Wrapped = Callable[[bytes], bytes]  # a converted model, with the declared steps


@contextmanager
def opened(config: ModelConfig, build: Path) -> Iterator[Subject]:
    """Raise UsageError if the model has a tokenizer: it is two steps, of which one is no ONNX."""
    told = config.source
    if told is not None and told.file is not None:
        with TemporaryDirectory() as scratch, came_as_file(config, told, Path(scratch)) as prepared:
            yield replace(subject_of(config, prepared, None), refusal=_refusal(config, build))
        return
    training = read_training(config.model.name, build)
    if training.tokenizer is not None:
        raise UsageError(
            config.model.name,
            "models with a tokenizer are not optimised yet",
            "Publish it as it is prepared.",
        )
    with trained_here(config, training) as prepared:
        yield replace(subject_of(config, prepared, training), refusal=_refusal(config, build))


def subject_of(config: ModelConfig, prepared: Prepared, training: Training | None) -> Subject:
    """Without the golden examples, which only an artifact can be asked."""
    facts = prepared.source.facts

    def wrapped(model: bytes) -> bytes:
        if not config.steps:
            return model
        return fold(model, config.steps, prepared.inputs[0], facts.labels)

    labels = facts.labels
    if labels is not None:
        _, labels = config.steps.renamed(np.asarray(labels), labels)
    return Subject(
        model=wrapped(remove(prepared.source.convert())),
        rows=feeds_of(prepared),
        truth=None if prepared.truth is None else _truth(config, facts, prepared.truth),
        task=config.model.task,
        labels=labels,
        calibration=_calibration(prepared, training.learnt) if training else {},
        retrain=_retrain(config, facts, training, wrapped) if training else None,
        untaught=ELSEWHERE if training else NO_ROWS,
    )


def _truth(config: ModelConfig, facts: Facts, truth: NDArray[Any]) -> NDArray[Any]:
    """In the words of the final answers."""
    if facts.labels is not None:
        return config.steps.renamed(truth, facts.labels)[0]
    return config.steps.after(Answers(truth.reshape(len(truth), -1))).numbers


def _calibration(prepared: Prepared, learnt: Kept) -> dict[str, NDArray[Any]]:
    rows = learnt.feeds(prepared.inputs[0].name)
    return {each.name: _as_sent(rows[each.name], each) for each in prepared.inputs}


def _as_sent(array: NDArray[Any], tensor: TensorSpec) -> NDArray[Any]:
    return np.ascontiguousarray(array, TO_NUMPY[tensor.datatype])


def _retrain(
    config: ModelConfig, facts: Facts, training: Training, wrapped: Wrapped
) -> Retrain | None:
    learnt = training.learnt
    if learnt.y is None:
        return None
    if NETWORK in training.record.files:
        return _network(config, facts, training, wrapped)
    if training.record.environment is not None:
        return None

    def to_onnx(estimator: Any) -> bytes:
        source = EstimatorSource(
            estimator, task=facts.task, inputs=facts.inputs, columns=facts.inputs[0].shape[-1]
        )
        return wrapped(source.convert())

    if config.steps and isinstance(learnt.X, np.ndarray):
        rows = config.steps.before(learnt.X)
    else:
        columns = columns_of(training.estimator, facts.inputs[0].shape[-1], facts.inputs)
        rows = columns.rows(learnt.feeds(INPUT))
    return EstimatorRetrain(training.estimator, rows, learnt.y, to_onnx)


def _network(
    config: ModelConfig, facts: Facts, training: Training, wrapped: Wrapped
) -> Retrain | None:
    """Of one input, and of a truth that is a label a row, or numbers."""
    learnt = training.learnt
    if not isinstance(learnt.X, np.ndarray) or learnt.y is None:
        return None
    truth = np.asarray(learnt.y)
    if facts.labels is not None:
        place = {label: at for at, label in enumerate(facts.labels)}
        truth = np.array([place[label] for label in truth.tolist()])
    else:
        truth = truth.astype(np.float32)
    options = config.source.options(config.model.task) if config.source else Options()

    def to_onnx(file: Path) -> bytes:
        with opened_file(file, "torch", options) as source:
            return wrapped(remove(source.convert()))

    return NetworkRetrain(
        training.build / NETWORK,
        np.ascontiguousarray(config.steps.before(learnt.X), np.float32),
        truth,
        facts.task,
        to_onnx,
    )


def _refusal(config: ModelConfig, build: Path) -> Refusal:
    """The golden examples, which any version must pass."""
    folder = config.path.parent
    golden, _ = read_golden(folder)
    sealed = read_artifact(config.model.name, build)

    def refusal(made: Made) -> str | None:
        try:
            replay(golden, resealed(sealed, made, "candidate"), folder)
        except RefusedError as error:
            return error.what
        except WherryError as error:
            return str(error)
        return None

    return refusal
