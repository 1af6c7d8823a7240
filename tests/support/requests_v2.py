"""V2 requests with good defaults: a test tells only what it is about."""

from math import prod
from typing import Any

import numpy as np
import orjson

FEATURES = {"name": "features", "shape": [1, 4], "datatype": "FP32", "data": [1, 2, 3, 4]}


def tensor(name: str, datatype: str, shape: list[int], data: Any) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape, "data": data}


def request(*inputs: dict[str, Any], **told: Any) -> bytes:
    """Without `inputs`, one good row for the `scaled` model."""
    return orjson.dumps({"inputs": list(inputs) or [FEATURES], **told})


def features(**told: Any) -> bytes:
    """The `scaled` model's one input, with something changed; None leaves the key out."""
    changed = {key: value for key, value in {**FEATURES, **told}.items() if value is not None}
    return request(changed)


def outputs_of(body: bytes) -> dict[str, Any]:
    """Each output's data, nested by its shape."""
    told = orjson.loads(body)["outputs"]
    assert all(len(output["data"]) == prod(output["shape"]) for output in told)
    return {
        output["name"]: np.array(output["data"], object).reshape(output["shape"]).tolist()
        for output in told
    }
