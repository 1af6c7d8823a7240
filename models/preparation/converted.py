"""A trained model as an artifact holds it: converted, between its declared steps, proven."""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx
from numpy.typing import NDArray

from models.preparation.agreement import PARITY
from models.preparation.cards.baselines import baselines
from models.preparation.config import ModelConfig
from models.preparation.convert import LABEL
from models.preparation.fitness import scored
from models.preparation.learnt import as_answers
from models.preparation.optimize import opsets, optimized
from models.preparation.optimizing.catalogue import VARIANTS
from models.preparation.optimizing.choose import AGREEMENT
from models.preparation.optimizing.measured import BASE as FP32
from models.preparation.optimizing.subject import Made
from models.preparation.parity.certificate import Certificate
from models.preparation.parity.gates import Gates
from models.preparation.parity.proving import Beside, prove
from models.preparation.parity.report import html
from models.preparation.parity.train_only import remove
from models.preparation.sources.source import Family
from models.preparation.steps.answers import Labels
from models.preparation.steps.fold import fold
from models.preparation.subjects import Subject, came_as_file, trained_here
from models.preparation.texts.converted import converted_text
from models.preparation.training import Training, read_training
from wherry.manifest import MODEL, Manifest, TensorSpec
from wherry.protocol.datatypes import TO_NUMPY
from wherry.session import Session

CONVERTERS = ("onnx",)
REPORT = "parity.html"
Rows = NDArray[Any]
FEW = 256  # rows that show whether an optimized graph answers alike


@dataclass(frozen=True)
class Chosen:
    """A variant that was made and judged, to be sealed in place of fp32."""

    variant: str
    made: Made


def converted(
    config: ModelConfig, build: Path, chosen: Chosen | None = None
) -> tuple[Manifest, dict[str, bytes]]:
    """
    Raise if the converted model does not answer like the one that was trained.

    Without `chosen`, the variant is what [optimize] use says: fp32, where it says nothing.
    """
    told = config.source
    training = None
    if told is not None and told.file is not None:
        opened = came_as_file(config, told, build)
    else:
        training = read_training(config.model.name, build)
        if training.tokenizer is not None:
            return converted_text(config, training, training.tokenizer)
        opened = trained_here(config, training)
    with opened as subject:
        inner = remove(subject.source.convert())
        plain = _between_steps(config, subject, inner)
        base = _settled(subject, plain)
        certificate = _proven(config, subject, base.model, FP32, inner)
        if chosen is None and config.optimize.use not in (None, FP32):
            chosen = _in_use(config, subject, training)
        if chosen is not None and chosen.variant != FP32:
            certificate = _proven(config, subject, chosen.made.model, chosen.variant, None)
        return _sealed(config, subject, chosen or Chosen(FP32, base), certificate)


def _settled(subject: Subject, plain: bytes) -> Made:
    """fp32, with its graph worked out where that loses nothing."""
    kept = optimized(plain, feeds_of(subject, FEW))
    return Made(plain if kept is None else kept, optimized=kept is not None)


def _proven(
    config: ModelConfig, subject: Subject, model: bytes, variant: str, inner: bytes | None
) -> Certificate:
    return prove(
        subject.source,
        model,
        subject.held_out,
        gates=gates_of(config, subject.source.facts.family, variant, subject.truth is not None),
        steps=config.steps,
        beside=Beside(truth=subject.truth, plain=inner),
    )


def gates_of(config: ModelConfig, family: Family, variant: str, judged: bool) -> Gates:  # noqa: FBT001
    """
    A variant that is not meant to answer alike must keep the metric, or, where no truth is known
    (`judged`), nearly all labels.
    """
    if variant == FP32 or (variant in VARIANTS and VARIANTS[variant].kind == "exact"):
        return Gates.of(family, config.prepare)
    return Gates.of_metric(
        metric_drop=config.optimize.metric_drop, label_agreement=0.0 if judged else AGREEMENT
    )


def _in_use(config: ModelConfig, subject: Subject, training: Training | None) -> Chosen:
    from models.preparation.optimizing.from_build import subject_of
    from models.preparation.optimizing.making import made

    variant = str(config.optimize.use)
    told = subject_of(config, subject, training)
    one, _ = made(variant, told.model, told.rows, told.calibration, told.retrain)
    return Chosen(variant, one)


def _sealed(
    config: ModelConfig, subject: Subject, chosen: Chosen, certificate: Certificate
) -> tuple[Manifest, dict[str, bytes]]:
    feeds, made = feeds_of(subject), chosen.made
    manifest = _manifest(config, subject, certificate, chosen)
    answers = _answers(made, feeds, [each.name for each in manifest.outputs])
    if chosen.variant != FP32:
        metrics = _metrics(config, subject, answers)
        manifest = msgspec.structs.replace(manifest, metrics=metrics)
    if certificate.held_out is not None:
        told = baselines(feeds, answers, features=config.features, labels=manifest.labels)
        manifest = msgspec.structs.replace(manifest, baselines=told)
    page = html(certificate, {"model": config.model.name, "variant": chosen.variant})
    return manifest, {MODEL: made.model, PARITY: certificate.to_bytes(), REPORT: page}


def _answers(made: Made, feeds: dict[str, Rows], names: list[str]) -> dict[str, Rows]:
    session = Session(made.model, threads=1, optimized=made.optimized)
    return dict(zip(names, session.run(names, feeds), strict=True))


def _metrics(config: ModelConfig, subject: Subject, answers: dict[str, Rows]) -> dict[str, float]:
    """Of the variant itself; the author's own metrics were those of another model."""
    if subject.truth is None:
        return {}
    labels = subject.source.facts.labels
    told = scored(config.steps, subject.truth, as_answers(subject.source, answers), labels)
    return {name: float(value) for name, value in told.items()}


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
    config: ModelConfig, subject: Subject, certificate: Certificate, chosen: Chosen
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
        ir_version=onnx.load_from_string(chosen.made.model).ir_version,
        opsets=opsets(chosen.made.model),
        variant=chosen.variant,
        optimized=chosen.made.optimized,
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
