"""Arrow's columns as NumPy's arrays, in one piece, and what in them is missing."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def plain(column: Any) -> pa.Array:
    """In one piece, copied only if it comes in several."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def nulls(column: pa.Array) -> Mask:
    """Where nothing is."""
    if not column.null_count:
        return np.zeros(len(column), np.bool_)
    found: Mask = column.is_null().to_numpy(zero_copy_only=False)
    return found


def filled(mask: pa.Array) -> Mask:
    """Arrow's mask; where it does not know, it does not hold."""
    found: Mask = mask.fill_null(False).to_numpy(zero_copy_only=False)
    return found
