"""Pipelines of tiny real models, and sessions that keep a list of what they were asked."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from onnx import helper

from tests.support.onnx_models import IR_VERSION, OPSET, PARITY, onnx_model, spec
from wherry.artifact import Artifact
from wherry.manifest import Manifest, TensorSpec
from wherry.pipeline.executor import Pipeline
from wherry.pipeline.spec import PipelineSpec
from wherry.session import Session

ELEMENTS = 10_000
FEATURES = (spec("features", "FP32", (-1, 2)),)


def linear(factor: float, offset: float = 0.0) -> bytes:
    """`probabilities` are the two features, times a factor, plus an offset; `label` the larger."""
    nodes = [
        helper.make_node("Mul", ["features", "factor"], ["scaled"]),
        helper.make_node("Add", ["scaled", "offset"], ["probabilities"]),
        helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
    ]
    constants = {"factor": np.float32(factor), "offset": np.float32(offset)}
    outputs = [spec("label", "INT64"), spec("probabilities", "FP32", (-1, 2))]
    model = onnx_model(nodes, FEATURES, outputs, constants)
    return bytes(model.SerializeToString())


class Recorder:
    """Loads real sessions; `asked` holds the rows of each run, by the order of loading."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def __call__(self, model: bytes) -> Session:
        asked: list[int] = []
        self.asked.append(asked)

        class Recording(Session):
            def run(
                self,
                outputs: Sequence[str],
                feeds: Mapping[str, NDArray[Any]],
                times: dict[str, float] | None = None,
            ) -> list[NDArray[Any]]:
                asked.append(len(next(iter(feeds.values()))))
                return super().run(outputs, feeds, times)

        return Recording(model, threads=1)


def pipeline(
    steps: Sequence[Mapping[str, Any]],
    outputs: Mapping[str, str],
    files: Mapping[str, bytes],
    *,
    inputs: Sequence[TensorSpec] = FEATURES,
    recorder: Recorder | None = None,
    elements: int = ELEMENTS,
) -> Pipeline:
    """Steps as they stand in a manifest; a clock that goes one second a look."""
    told = msgspec.convert({"steps": list(steps), "outputs": dict(outputs)}, PipelineSpec)
    ticks = count()
    return Pipeline(
        told,
        inputs,
        files,
        load=recorder or Recorder(),
        elements=elements,
        clock=lambda: float(next(ticks)),
    )


def model_step(name: str, **inputs: str) -> dict[str, Any]:
    """A model of the same name, fed with `features` where nothing is said."""
    return {
        "kind": "model",
        "name": name,
        "file": f"{name}.onnx",
        "inputs": inputs or {"features": "features"},
    }


def sealed_pipeline(
    steps: Sequence[Mapping[str, Any]],
    outputs: Mapping[str, tuple[str, TensorSpec]],
    files: Mapping[str, bytes],
    *,
    inputs: Sequence[TensorSpec] = FEATURES,
    name: str = "both",
) -> Artifact:
    """An artifact of a pipeline; of each output its source, and what the manifest promises."""
    sources = {output: source for output, (source, _) in outputs.items()}
    manifest = Manifest(
        model=name,
        task="regression",
        estimator="by hand",
        inputs=tuple(inputs),
        outputs=tuple(promise for _, promise in outputs.values()),
        pipeline=msgspec.convert({"steps": list(steps), "outputs": sources}, PipelineSpec),
        ir_version=IR_VERSION,
        opsets={"": OPSET},
        libraries={},
        training_data_sha256="0" * 64,
        metrics={},
        parity=PARITY,
        files={},
    )
    return Artifact.seal(manifest, files)
