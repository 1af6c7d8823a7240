"""
How rows of a tensor are read for a sketch: each as a list of Python's own values.

One row is the common case, and Python counts a few numbers faster than NumPy begins to. Of a wide
row no more than a thousand elements are looked at, so that an image costs no more than a table.
"""

from collections.abc import Callable
from math import nan, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry.manifest import TensorSpec
from wherry.protocol.array_tensors import numbers

FEW = 32  # numbers that Python looks through faster than NumPy
ELEMENTS = 1024  # of one row of a wide tensor, looked at

Rows = list[list[Any]]
Read = Callable[[NDArray[Any]], Rows]


def values(array: NDArray[Any]) -> Rows:
    """Every value of each row."""
    flat = array if array.ndim == 2 else array.reshape(len(array), -1)  # noqa: PLR2004 - rows and columns
    told: Rows = flat.tolist()
    return told


def highest(array: NDArray[Any]) -> Rows:
    """Of each row the highest number and its place, of few."""
    told = []
    for row in array.tolist():
        most = max(row)
        told.append([most, row.index(most)])
    return told


def highest_of_many(array: NDArray[Any]) -> Rows:
    """The same, of many."""
    return [[array[row, place].item(), place] for row, place in enumerate(array.argmax(1).tolist())]


def spread(array: NDArray[Any]) -> Rows:
    """
    The mean and the standard deviation of each row: in steps through it, where it is long.

    Both are NaN of a row that is empty.
    """
    flat = array.reshape(len(array), prod(array.shape[1:]))
    if not flat.shape[1]:
        return [[nan] * 2] * len(flat)
    seen = flat[:, :: -(-flat.shape[1] // ELEMENTS)].astype(np.float64)
    with np.errstate(all="ignore"):
        return np.stack([seen.mean(1), seen.std(1)], 1).tolist()  # type: ignore[no-any-return] # numbers


def spread_and_values(array: NDArray[Any]) -> Rows:
    """Both of these, and then every value."""
    return [one + other for one, other in zip(spread(array), values(array), strict=True)]


def lengths(array: NDArray[Any]) -> Rows:
    """How long the texts of each row are together."""
    flat = array.reshape(len(array), prod(array.shape[1:]))[:, :ELEMENTS]
    return [[sum(map(len, row))] for row in flat.tolist()]


def as_numbers(read: Read, spec: TensorSpec) -> Read:
    """A tensor of BF16 holds bits, until a Python caller asked for it."""
    if spec.datatype != "BF16":
        return read

    def read_bits(array: NDArray[Any]) -> Rows:
        return read(numbers(array, spec.datatype) if array.dtype == np.uint16 else array)

    return read_bits
