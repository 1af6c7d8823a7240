"""One input that any model takes: the manifest's own example, or zeros."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry.manifest import Manifest, TensorSpec
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
    blank = "" if spec.datatype == "BYTES" else 0
    return np.full(shape, blank, TO_NUMPY[spec.datatype])
