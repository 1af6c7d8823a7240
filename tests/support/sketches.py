"""Sketchers of models that are never run, and what they tell."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tests.support.onnx_models import scaled, spec
from wherry.manifest import TensorSpec
from wherry.sketch.sketcher import Sketcher

Arrays = Mapping[str, NDArray[Any]]


def sketcher(
    inputs: list[TensorSpec], outputs: list[TensorSpec] | None = None, **told: Any
) -> Sketcher:
    """Of a model that is never run: its tensors are all that counts here."""
    outputs = [spec("y")] if outputs is None else outputs
    return Sketcher(
        msgspec.structs.replace(
            scaled().manifest,
            **{"features": (), **told, "inputs": tuple(inputs), "outputs": tuple(outputs)},
        )
    )


def told(maker: Sketcher, inputs: Arrays, outputs: Arrays, pick: int = 0) -> dict[str, Any]:
    rows = len(next(iter(inputs.values())))
    found = maker.sketch(inputs, outputs, rows=rows, pick=pick)
    assert found is not None
    return found


def texts(*values: str) -> NDArray[Any]:
    return np.array(values, object)
