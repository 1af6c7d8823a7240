"""A trained estimator as an artifact holds it: converted, between its declared steps, proven."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from models.preparation.agreement import PARITY
from models.preparation.config import ModelConfig
from models.preparation.convert import IR_VERSION, convert, outputs_of
from models.preparation.fitness import check_fits, check_rows
from models.preparation.optimize import opsets, optimized
from models.preparation.parity import Certificate, certify
from models.preparation.steps.fold import fold
from models.preparation.steps.pipeline import labels_of
from models.preparation.texts.converted import converted_text
from models.preparation.training import Training, read_training
from wherry.manifest import MODEL, Manifest
from wherry.protocol.datatypes import TO_NUMPY


def converted(config: ModelConfig, build: Path) -> tuple[Manifest, dict[str, bytes]]:
    """Raise if what `train` left in `build` does not answer alike after conversion."""
    training = read_training(config.model.name, build)
    if training.tokenizer is not None:
        return converted_text(config, training, training.tokenizer)
    check_rows(str(build), "X_held_out", training.X, config.steps)
    check_fits(config, training.estimator, training.X)
    plain = _model(config, training)
    kept = optimized(plain, _feeds(config, training))
    model = plain if kept is None else kept
    certificate = certify(
        training.estimator,
        model,
        training.X,
        task=config.model.task,
        tolerance=config.prepare.tolerance,
        steps=config.steps,
    )
    manifest = _manifest(config, training, certificate, opsets(model), kept=kept is not None)
    return manifest, {MODEL: model, PARITY: certificate.to_bytes()}


def _model(config: ModelConfig, training: Training) -> bytes:
    """The estimator, between the steps that are declared."""
    steps, estimator = config.steps, training.estimator
    columns = steps.before(training.X[:1])
    model = convert(estimator, columns=columns.shape[1], task=config.model.task)
    if not steps:
        return model
    return fold(model, steps, steps.tensor(training.X.shape[1]), labels_of(estimator))


def _feeds(config: ModelConfig, training: Training) -> dict[str, Any]:
    """The held-out rows, as a client sends them."""
    tensor = config.steps.tensor(training.X.shape[1])
    return {tensor.name: np.ascontiguousarray(training.X, TO_NUMPY[tensor.datatype])}


def _manifest(
    config: ModelConfig,
    training: Training,
    certificate: Certificate,
    versions: dict[str, int],
    *,
    kept: bool,
) -> Manifest:
    record, steps = training.record, config.steps
    labels = labels_of(training.estimator)
    if labels is not None:
        _, labels = steps.renamed(np.asarray(labels), labels)
    return Manifest(
        model=config.model.name,
        task=config.model.task,
        estimator=record.estimator,
        inputs=(steps.tensor(training.X.shape[1]),),
        outputs=outputs_of(labels),
        features=config.features,
        labels=tuple(str(label) for label in labels or ()),
        image=steps.image,
        imputes=steps.imputes,
        ir_version=IR_VERSION,
        opsets=versions,
        optimized=kept,
        libraries={**record.libraries, **{name: version(name) for name in ("onnx", "skl2onnx")}},
        training_data_sha256=record.training_data_sha256,
        metrics=record.metrics,
        parity=certificate.summary,
        files={},
    )
