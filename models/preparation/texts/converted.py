"""
A model of text as an artifact holds it: its tokenizer, and its estimator behind a count of tokens.

It is a pipeline of two steps. Both together must answer the held-out texts like the estimator that
was trained on the counts.
"""

from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.agreement import PARITY, agree
from models.preparation.config import ModelConfig
from models.preparation.convert import (
    IR_VERSION,
    LABEL,
    OPSETS,
    PREDICTION,
    PROBABILITIES,
    convert,
    outputs_of,
)
from models.preparation.fitness import check_fits
from models.preparation.steps.pipeline import ask, labels_of
from models.preparation.texts.bag import NO_LIMIT, TEXT, Bag
from models.preparation.texts.graph import IDS, MASK, with_bag
from models.preparation.training import Training
from wherry.manifest import MODEL, Manifest, TensorSpec
from wherry.pipeline.executor import Pipeline
from wherry.pipeline.spec import ModelStep, PipelineSpec
from wherry.session import Session

Values = dict[str, NDArray[Any]]
INPUTS = (TensorSpec(TEXT, "BYTES", (-1,)),)


def converted_text(
    config: ModelConfig, training: Training, tokenizer: str
) -> tuple[Manifest, dict[str, bytes]]:
    """Raise if the held-out texts are not answered alike after conversion."""
    bag, task = Bag(tokenizer), config.model.task
    counts = bag.counts(training.X).toarray()
    check_fits(config, training.estimator, counts)
    model = with_bag(convert(training.estimator, columns=bag.size, task=task), bag.size)
    labels = labels_of(training.estimator)
    outputs = outputs_of(labels)
    spec = _spec(bag, [each.name for each in outputs])
    files = {MODEL: model, bag.step.file: tokenizer.encode()}
    texts = {TEXT: np.array([*training.X.tolist()], object)}
    agreement = agree(
        texts,
        _wanted(training.estimator, counts, task),
        _told(spec, files, texts),
        tolerance=config.prepare.tolerance,
        steps=config.steps.told(),
    )
    names = ("onnx", "skl2onnx", "tokenizers")
    manifest = Manifest(
        model=config.model.name,
        task=task,
        estimator=training.record.estimator,
        inputs=INPUTS,
        outputs=outputs,
        labels=tuple(map(str, labels or ())),
        pipeline=spec,
        ir_version=IR_VERSION,
        opsets=OPSETS,
        libraries={**training.record.libraries, **{name: version(name) for name in names}},
        training_data_sha256=training.record.training_data_sha256,
        metrics=training.record.metrics,
        parity=agreement.summary,
        files={},
    )
    return manifest, {**files, PARITY: agreement.to_bytes()}


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


def _told(spec: PipelineSpec, files: dict[str, bytes], texts: Values) -> Values:
    pipeline = Pipeline(
        spec,
        INPUTS,
        files,
        load=lambda model: Session(model, threads=1),
        elements=NO_LIMIT,
    )
    names = list(spec.outputs)
    return dict(zip(names, pipeline.run(names, texts), strict=True))
