"""
Whether a model's rows are independent, so that a row's answer is the same in any company.

The manifest must leave the number of rows open everywhere, and the model must prove it: two rows
that differ, alone and together, have the same answers. A model that fails on the second one, which
is all zeros, is not batched: nothing is known of it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry.engine import Engine
from wherry.errors import WherryError
from wherry.manifest import Manifest
from wherry.protocol.signature import VARIABLE
from wherry.warm_up import example_inputs

_TOLERANCE = 1e-4  # a batch adds up in another order


def rows_are_independent(engine: Engine, manifest: Manifest) -> bool:
    """Ask the model three times."""
    tensors = (*manifest.inputs, *manifest.outputs)
    if any(spec.shape[:1] != (VARIABLE,) for spec in tensors):
        return False
    names = [spec.name for spec in manifest.outputs]
    one = example_inputs(manifest)
    other = {name: _blank(array) for name, array in one.items()}
    both = {name: np.concatenate([one[name], other[name]]) for name in one}
    try:
        alone = [engine.run(names, feeds) for feeds in (one, other)]
        together = engine.run(names, both)
    except WherryError:
        return False
    return all(_same(found, parts) for found, *parts in zip(together, *alone, strict=True))


def _blank(array: NDArray[Any]) -> NDArray[Any]:
    return np.full_like(array, "" if array.dtype.hasobject else 0)


def _same(found: NDArray[Any], parts: Sequence[NDArray[Any]]) -> bool:
    if any(part.shape[:1] != (1,) for part in parts) or found.shape[:1] != (len(parts),):
        return False
    wanted = np.concatenate(parts)
    if found.dtype.kind != "f":
        return np.array_equal(found, wanted)
    return np.allclose(found, wanted, rtol=_TOLERANCE, atol=_TOLERANCE, equal_nan=True)
