"""A trained model as an artifact holds it: converted, between its declared steps, proven."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx
from numpy.typing import NDArray

from models.preparation.agreement import PARITY
from models.preparation.config import ModelConfig
from models.preparation.convert import LABEL
from models.preparation.optimize import opsets, optimized
from models.preparation.parity.certificate import Certificate
from models.preparation.parity.gates import Gates
from models.preparation.parity.proving import Beside, prove
from models.preparation.parity.train_only import remove
from models.preparation.steps.answers import Labels
from models.preparation.steps.fold import fold
from models.preparation.subjects import Subject, came_as_file, trained_here
from models.preparation.texts.converted import converted_text
from models.preparation.training import read_training
from wherry.manifest import MODEL, Manifest, TensorSpec
from wherry.protocol.datatypes import TO_NUMPY

CONVERTERS = ("onnx",)
FEW = 256  # rows that show whether an optimized graph answers alike


def converted(config: ModelConfig, build: Path) -> tuple[Manifest, dict[str, bytes]]:
    """Raise if the converted model does not answer like the one that was trained."""
    told = config.source
    if told is None or told.file is None:
        training = read_training(config.model.name, build)
        if training.tokenizer is not None:
            return converted_text(config, training, training.tokenizer)
        opened = trained_here(config, training)
    else:
        opened = came_as_file(config, told, build)
    with opened as subject:
        return _sealed(config, subject)


def _sealed(config: ModelConfig, subject: Subject) -> tuple[Manifest, dict[str, bytes]]:
    converted = subject.source.convert()
    inner = remove(converted)
    plain = _between_steps(config, subject, inner)
    kept = optimized(plain, feeds_of(subject, FEW))
    model = plain if kept is None else kept
    certificate = prove(
        subject.source,
        model,
        subject.held_out,
        gates=Gates.of(subject.source.facts.family, config.prepare),
        steps=config.steps,
        beside=Beside(truth=subject.truth, plain=inner),
    )
    manifest = _manifest(config, subject, certificate, model, kept=kept is not None)
    return manifest, {MODEL: model, PARITY: certificate.to_bytes()}


def _between_steps(config: ModelConfig, subject: Subject, model: bytes) -> bytes:
    """The steps that are declared, before it and after it."""
    if not config.steps:
        return model
    return fold(model, config.steps, subject.inputs[0], subject.source.facts.labels)


def feeds_of(subject: Subject, rows: int | None = None) -> dict[str, NDArray[Any]]:
    """The held-out rows, or the first of them, as a client sends them."""
    kinds = {each.name: TO_NUMPY[each.datatype] for each in subject.inputs}
    return {
        name: np.ascontiguousarray(array[:rows], kinds[name])
        for name, array in subject.held_out.items()
    }


def _manifest(
    config: ModelConfig, subject: Subject, certificate: Certificate, model: bytes, *, kept: bool
) -> Manifest:
    facts, steps = subject.source.facts, config.steps
    labels = facts.labels
    if labels is not None:
        _, labels = steps.renamed(np.asarray(labels), labels)
    names = {name: version(name) for name in CONVERTERS}
    return Manifest(
        model=config.model.name,
        task=config.model.task,
        estimator=subject.estimator,
        inputs=subject.inputs,
        outputs=tuple(_renamed(each, labels) for each in facts.outputs),
        features=config.features,
        labels=tuple(map(str, labels or ())),
        image=steps.image,
        source=subject.info,
        imputes=steps.imputes or _takes_gaps(subject),
        ir_version=onnx.load_from_string(model).ir_version,
        opsets=opsets(model),
        optimized=kept,
        libraries={**subject.libraries, **names},
        training_data_sha256=subject.training_data_sha256,
        metrics=dict(subject.metrics),
        parity=certificate.summary,
        licence=config.model.licence,
        files={},
    )


def _takes_gaps(subject: Subject) -> bool:
    """Whether a number may be missing: rows that it held out, and answers, have gaps."""
    return any(
        array.dtype.kind == "f" and bool(np.isnan(array).any())
        for array in subject.held_out.values()
    )


def _renamed(output: TensorSpec, labels: Labels | None) -> TensorSpec:
    """The label is of the kind that its final names are."""
    if output.name != LABEL or labels is None:
        return output
    is_text = isinstance(labels[0], str)
    return msgspec.structs.replace(output, datatype="BYTES" if is_text else "INT64")
