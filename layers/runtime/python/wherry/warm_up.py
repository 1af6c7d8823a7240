"""One input that any model takes: the manifest's own example, or zeros."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry.columns import described
from wherry.manifest import Feature, Manifest, TensorSpec
from wherry.pipeline.spec import PipelineSpec, SwitchStep
from wherry.protocol.array_tensors import cast
from wherry.protocol.datatypes import TO_NUMPY
from wherry.protocol.signature import VARIABLE


def example_inputs(manifest: Manifest) -> dict[str, NDArray[Any]]:
    """One row; sizes that the manifest leaves open are 1."""
    features = described(manifest.inputs, manifest.features)
    return {
        spec.name: _example(spec, features.get(spec.name, ()), manifest.pipeline)
        for spec in manifest.inputs
    }


def _example(
    spec: TensorSpec, features: Sequence[Feature], pipeline: PipelineSpec | None
) -> NDArray[Any]:
    shape = tuple(1 if size == VARIABLE else size for size in spec.shape)
    if not features:
        return np.full(shape, _blank(spec, pipeline), TO_NUMPY[spec.datatype])
    row = [_told(feature, spec) for feature in features]
    if spec.datatype == "BF16":
        return cast(spec.name, np.reshape(row, shape).tolist(), spec.datatype)
    return np.array(row, TO_NUMPY[spec.datatype]).reshape(shape)


def _told(feature: Feature, spec: TensorSpec) -> float | str:
    """Its example, if it is of the tensor's kind; a text without one is one that was learnt."""
    if spec.datatype == "BYTES":
        known = next(iter(feature.categories), "")
        return feature.example if isinstance(feature.example, str) else known
    return feature.example if isinstance(feature.example, int | float) else 0.0


def _blank(spec: TensorSpec, pipeline: PipelineSpec | None) -> str | int:
    """Zero or no text; of what a switch goes by, a value that it knows."""
    for step in pipeline.steps if pipeline else ():
        if isinstance(step, SwitchStep) and step.by == spec.name:
            case = next(iter(step.cases))
            return case if spec.datatype == "BYTES" else int({"true": "1"}.get(case, case))
    return "" if spec.datatype == "BYTES" else 0
