"""
Preparing: convert, prove, seal.

Nothing is sealed before the converted model has answered like the trained one on every held-out
row, and has passed the golden examples in the very service that serves. What is handed on to be
published is that, to the byte, and only while the model's folder still says the same.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np

from models.preparation.build import keep_artifact, read_artifact
from models.preparation.config import ModelConfig, read_config
from models.preparation.convert import (
    IR_VERSION,
    LABEL,
    OPSETS,
    PREDICTION,
    PROBABILITIES,
    convert,
)
from models.preparation.fitness import TABLE, check_fits, check_rows
from models.preparation.golden import read_golden, replay
from models.preparation.parity import Certificate, certify
from models.preparation.steps.answers import Labels
from models.preparation.steps.fold import fold
from models.preparation.steps.pipeline import labels_of
from models.preparation.training import Training, read_training
from wherry.artifact import Artifact
from wherry.errors import ConfigurationError, UsageError
from wherry.manifest import GOLDEN, MODEL, Manifest, TensorSpec

CARD = "CARD.md"
PARITY = "parity.json"


def prepare(folder: Path, build: Path) -> Artifact:
    """Make the artifact of what `train` left in `build`; raise if it is not fit to be published."""
    config = read_config(folder)
    golden, golden_bytes = read_golden(folder)
    card = _card(folder)
    training = read_training(config.model.name, build)
    check_rows(str(build), "X_held_out", training.X, config.steps)
    check_fits(config, training.estimator, training.X)
    model = _model(config, training)
    certificate = certify(
        training.estimator,
        model,
        training.X,
        task=config.model.task,
        tolerance=config.prepare.tolerance,
        steps=config.steps,
    )
    artifact = Artifact.seal(
        _manifest(config, training, certificate),
        {MODEL: model, GOLDEN: golden_bytes, PARITY: certificate.to_bytes(), CARD: card},
    )
    replay(golden, artifact, folder)
    keep_artifact(artifact, build)
    return artifact


def prepared(folder: Path, build: Path) -> Artifact:
    """The artifact to publish; raise UsageError if it must be prepared (again)."""
    config = read_config(folder)
    artifact = read_artifact(config.model.name, build)
    now = {GOLDEN: read_golden(folder)[1], CARD: _card(folder)}
    changed = [name for name, data in now.items() if artifact.files.get(name) != data]
    told = artifact.manifest
    certified = json.loads(artifact.files[PARITY])["steps"]
    sealed = (told.task, told.features, told.image, told.parity.tolerance, certified)
    steps, tolerance = config.steps, config.prepare.tolerance
    if sealed != (config.model.task, config.features, steps.image, tolerance, steps.told()):
        changed.append(config.path.name)
    if changed:
        raise UsageError(
            str(folder / changed[0]),
            "it was changed after the model was prepared",
            f"Run `wherry prepare {config.model.name}`.",
        )
    return artifact


def _model(config: ModelConfig, training: Training) -> bytes:
    """The estimator, between the steps that are declared."""
    steps, estimator = config.steps, training.estimator
    columns = steps.before(training.X[:1])
    if columns.ndim != TABLE:
        raise ConfigurationError(
            f"{config.path}: [[pipeline.pre]]",
            f"the steps make rows of {list(columns.shape[1:])}, and an estimator takes a table",
            'Let the last step be kind = "flatten".',
        )
    model = convert(estimator, columns=columns.shape[1], task=config.model.task)
    if not steps:
        return model
    return fold(model, steps, steps.tensor(training.X.shape[1]), labels_of(estimator))


def _manifest(config: ModelConfig, training: Training, certificate: Certificate) -> Manifest:
    record, steps = training.record, config.steps
    labels = labels_of(training.estimator)
    if labels is not None:
        _, labels = steps.renamed(np.asarray(labels), labels)
    return Manifest(
        model=config.model.name,
        task=config.model.task,
        estimator=record.estimator,
        inputs=(steps.tensor(training.X.shape[1]),),
        outputs=_outputs(labels),
        features=config.features,
        labels=tuple(str(label) for label in labels or ()),
        image=steps.image,
        ir_version=IR_VERSION,
        opsets=OPSETS,
        libraries={**record.libraries, **{name: version(name) for name in ("onnx", "skl2onnx")}},
        training_data_sha256=record.training_data_sha256,
        metrics=record.metrics,
        parity=certificate.summary,
        files={},
    )


def _outputs(labels: Labels | None) -> tuple[TensorSpec, ...]:
    if labels is None:
        return (TensorSpec(name=PREDICTION, datatype="FP32", shape=(-1, 1)),)
    text = isinstance(labels[0], str)
    return (
        TensorSpec(name=LABEL, datatype="BYTES" if text else "INT64", shape=(-1,)),
        TensorSpec(name=PROBABILITIES, datatype="FP32", shape=(-1, len(labels))),
    )


def _card(folder: Path) -> bytes:
    try:
        return (folder / CARD).read_bytes()
    except FileNotFoundError as error:
        raise ConfigurationError(
            str(folder / CARD),
            "there is no such file",
            "Say what the model is for, what it learnt from, and where it fails.",
        ) from error
