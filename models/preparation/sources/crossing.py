"""What lies between a parent and its child; arrays in one .npz, numbered: names may be anything."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
MODEL, FEEDS, ANSWERS = "converted.onnx", "feeds.npz", "answers.npz"


def write_arrays(file: Path, arrays: Mapping[str, Array]) -> list[str]:
    """Return the names, in the order of the arrays."""
    np.savez(file, *[_plain(np.asarray(array)) for array in arrays.values()])
    return list(arrays)


def read_arrays(file: Path, names: Sequence[str]) -> dict[str, Array]:
    """Text comes back as an array of Python's own strings."""
    with np.load(file, allow_pickle=False) as told:
        return {name: _own(told[f"arr_{number}"]) for number, name in enumerate(names)}


def _plain(array: Array) -> Array:
    return array if array.dtype.kind in "biuf" else array.astype(np.str_)


def _own(array: Array) -> Array:
    return array.astype(object) if array.dtype.kind == "U" else array
