"""
Columns of lists of one size: what of them has another shape, their elements, and how columns of
single values become one.
"""

from collections.abc import Sequence
from math import prod

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wherry.batch.arrays import Mask, filled, nulls
from wherry.plain.fields import Field


def spread_names(field: Field) -> list[str]:
    """What its columns are called where its list is spread over several."""
    return [f"{field.name}.{place}" for place in range(prod(field.shape))] if field.shape else []


def misshaped(column: pa.Array, shape: tuple[int, ...]) -> Mask:
    """Rows whose list has another length, or lists within it have."""
    lengths = pc.list_value_length(column)
    mask = nulls(column) | ~filled(pc.equal(lengths, shape[0]))
    if len(shape) > 1:
        right = np.flatnonzero(~mask)
        inner = misshaped(column.filter(pa.array(~mask)).flatten(), shape[1:])
        mask[right[inner.reshape(len(right), shape[0]).any(axis=1)]] = True
    return mask


def flattened(column: pa.Array, depth: int) -> pa.Array:
    for _ in range(depth):
        column = column.flatten()
    return column


def zipped(columns: Sequence[pa.Array], shape: tuple[int, ...]) -> pa.Array:
    """A column of lists, row by row, of columns of single values."""
    rows, width = len(columns[0]), len(columns)
    order = np.arange(rows * width).reshape(width, rows).T.ravel()
    values = pa.concat_arrays([each.cast(columns[0].type) for each in columns]).take(order)
    for size in reversed(shape):
        values = pa.FixedSizeListArray.from_arrays(values, size)
    return values
