"""One input that any model takes: the manifest's own example, or zeros."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry.manifest import Manifest, TensorSpec
from wherry.pipeline.spec import SwitchStep
from wherry.protocol.array_tensors import cast
from wherry.protocol.datatypes import TO_NUMPY
from wherry.protocol.signature import VARIABLE


def example_inputs(manifest: Manifest) -> dict[str, NDArray[Any]]:
    """One row; sizes that the manifest leaves open are 1."""
    return {spec.name: _example(spec, manifest) for spec in manifest.inputs}


def _example(spec: TensorSpec, manifest: Manifest) -> NDArray[Any]:
    shape = tuple(1 if size == VARIABLE else size for size in spec.shape)
    row = [feature.example or 0.0 for feature in manifest.features]
    if shape == (1, len(row)) and spec.datatype == "BF16":
        return cast(spec.name, [row], spec.datatype)
    if shape == (1, len(row)) and spec.datatype != "BYTES":
        return np.array([row], TO_NUMPY[spec.datatype])
    return np.full(shape, _blank(spec, manifest), TO_NUMPY[spec.datatype])


def _blank(spec: TensorSpec, manifest: Manifest) -> str | int:
    """Zero or no text; of what a switch goes by, a value that it knows."""
    for step in manifest.pipeline.steps if manifest.pipeline else ():
        if isinstance(step, SwitchStep) and step.by == spec.name:
            case = next(iter(step.cases))
            return case if spec.datatype == "BYTES" else int({"true": "1"}.get(case, case))
    return "" if spec.datatype == "BYTES" else 0
