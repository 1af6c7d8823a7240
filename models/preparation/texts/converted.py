"""
A model of text as an artifact holds it: its tokenizer, and its estimator behind a count of tokens.

It is a pipeline of two steps. Both together must answer the held-out texts like the estimator that
was trained on the counts.
"""

from importlib.metadata import version
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.preparation.agreement import PARITY, agree
from models.preparation.config import ModelConfig
from models.preparation.convert import (
    IR_VERSION,
    LABEL,
    PREDICTION,
    PROBABILITIES,
    convert,
    outputs_of,
)
from models.preparation.fitness import check_fits
from models.preparation.optimize import opsets, optimized
from models.preparation.steps.pipeline import ask, labels_of
from models.preparation.texts.bag import AT_ONCE, NO_LIMIT, TEXT, Bag
from models.preparation.texts.graph import IDS, MASK, with_bag
from models.preparation.training import Training
from wherry.artifact import Artifact
from wherry.engine import load_engine
from wherry.limits import Limits
from wherry.manifest import MODEL, Manifest, Parity, TensorSpec
from wherry.pipeline.spec import ModelStep, PipelineSpec

Values = dict[str, NDArray[Any]]


def converted_text(
    config: ModelConfig, training: Training, tokenizer: str
) -> tuple[Manifest, dict[str, bytes]]:
    """Raise if the held-out texts are not answered alike after conversion."""
    bag, task = Bag(tokenizer), config.model.task
    counts = bag.counts(training.X).toarray()
    check_fits(config, training.estimator, counts)
    plain = with_bag(convert(training.estimator, columns=bag.size, task=task), bag.size)
    kept = optimized(plain, bag.tokens(training.X[:AT_ONCE]))
    manifest = _manifest(config, training, bag, kept or plain, is_optimized=kept is not None)
    files = {MODEL: kept or plain, bag.step.file: tokenizer.encode()}
    texts = {TEXT: np.array([*training.X.tolist()], object)}
    agreement = agree(
        texts,
        _wanted(training.estimator, counts, task),
        _told(manifest, files, texts),
        tolerance=config.prepare.closeness,
        steps=config.steps.told(),
    )
    proven = msgspec.structs.replace(manifest, parity=agreement.summary)
    return proven, {**files, PARITY: agreement.to_bytes()}


def _manifest(
    config: ModelConfig, training: Training, bag: Bag, model: bytes, *, is_optimized: bool
) -> Manifest:
    """As it is before anything is proven."""
    labels, record = labels_of(training.estimator), training.record
    outputs = outputs_of(labels)
    names = ("onnx", "skl2onnx", "tokenizers")
    return Manifest(
        model=config.model.name,
        task=config.model.task,
        estimator=record.estimator,
        inputs=(TensorSpec(TEXT, "BYTES", (-1,)),),
        outputs=outputs,
        labels=tuple(map(str, labels or ())),
        pipeline=_spec(bag, [each.name for each in outputs]),
        ir_version=IR_VERSION,
        opsets=opsets(model),
        optimized=is_optimized,
        libraries={**record.libraries, **{name: version(name) for name in names}},
        training_data_sha256=record.training_data_sha256,
        metrics=record.metrics,
        parity=Parity(rows=0, label_agreement=0, max_absolute_error=0, tolerance=0),
        files={},
    )


def _spec(bag: Bag, outputs: list[str]) -> PipelineSpec:
    inputs = {name: f"{bag.step.name}.{name}" for name in (IDS, MASK)}
    model = ModelStep(name="model", file=MODEL, inputs=inputs)
    return PipelineSpec(
        steps=(bag.step, model), outputs={name: f"{model.name}.{name}" for name in outputs}
    )


def _wanted(estimator: Any, counts: NDArray[Any], task: str) -> Values:
    answers = ask(estimator, counts, task)
    if answers.label is None:
        return {PREDICTION: answers.numbers}
    return {LABEL: answers.label, PROBABILITIES: answers.numbers}


def _told(manifest: Manifest, files: dict[str, bytes], texts: Values) -> Values:
    """What the release will answer."""
    engine = load_engine(Artifact("", manifest, files), threads=1, limits=Limits(elements=NO_LIMIT))
    names = list(engine.outputs)
    return dict(zip(names, engine.run(names, texts), strict=True))
