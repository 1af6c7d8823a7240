"""
Tensors, to a V2 inference response in JSON.

Data is flat, in row-major order, as the reference clients read it. JSON has no NaN and no infinity:
both become `null`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from wherry.manifest import TensorSpec
from wherry.release import Release


def encode(
    release: Release,
    request_id: str | None,
    outputs: Mapping[str, NDArray[Any]],
    specs: Mapping[str, TensorSpec],
) -> bytes:
    """Keep the order of `outputs`; give the caller's own id back."""
    message: dict[str, Any] = {"model_name": release.model, "model_version": str(release.version)}
    if request_id is not None:
        message["id"] = request_id
    message["outputs"] = [
        {
            "name": name,
            "datatype": specs[name].datatype,
            "shape": array.shape,
            "data": _flat(array),
        }
        for name, array in outputs.items()
    ]
    return orjson.dumps(message, option=orjson.OPT_SERIALIZE_NUMPY)


def _flat(array: NDArray[Any]) -> NDArray[Any] | list[Any]:
    flat = np.ascontiguousarray(array).ravel()
    return flat.tolist() if array.dtype.hasobject else flat
