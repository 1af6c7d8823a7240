"""
The arrays of a joblib file: their bytes lie in the stream, behind what describes them.

Their size follows from the description alone, which is a NumpyArrayWrapper that is never made here.
"""

import math
import re
from typing import BinaryIO

import numpy as np
from numpy.typing import DTypeLike

from models.preparation.untrusted.machine import UnreadableError
from models.preparation.untrusted.values import Made, Mapping, Named, Sequence, Value

WRAPPER = Named("joblib.numpy_pickle", "NumpyArrayWrapper")
ARRAY, DTYPE = Named("numpy", "ndarray"), Named("numpy", "dtype")
PLAIN = re.compile(r"[bBhHiIlLqQefdgFDG?O]|[biufcSUVmMO]\d+")
MOST_ALIGNED = 255
NAMES, FIELDS, ITEMSIZE = 3, 4, 5  # of a dtype's state
MOST_AXES = 64


def step_over(stream: BinaryIO, described: Mapping) -> bool:
    """Read on behind the array's bytes. False: it is one of objects, and a pickle follows."""
    if described.get("subclass") != ARRAY:
        raise UnreadableError("it holds an array that is no plain numpy.ndarray")
    kind = np.dtype(_dtype(described.get("dtype")))
    if kind.hasobject:
        return False
    _over_padding(stream, described)
    size = _count(described.get("shape")) * kind.itemsize
    here = stream.tell()
    end = stream.seek(0, 2)
    if end - here < size:
        raise UnreadableError("it ends within an array")
    stream.seek(here + size)
    return True


def _over_padding(stream: BinaryIO, described: Mapping) -> None:
    if described.get("numpy_array_alignment_bytes") is None:
        return  # before joblib 1.2
    length = stream.read(1)
    if len(length) != 1 or len(stream.read(length[0])) != length[0]:
        raise UnreadableError("it ends within an array")


def _count(shape: Value) -> int:
    axes = shape.items if isinstance(shape, Sequence) else [None]
    sizes = [axis for axis in map(_size, axes) if axis is not None and axis >= 0]
    if len(sizes) != len(axes) or len(axes) > MOST_AXES:
        raise UnreadableError("it holds an array of no shape")
    return math.prod(sizes)


def _size(value: Value) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _dtype(value: Value) -> DTypeLike:
    """What numpy would make of it, by its own names of plain types, field by field."""
    match value:
        case Made(maker, Sequence([str(text), *_]), state) if maker == DTYPE:
            fields = (
                state.items[FIELDS] if isinstance(state, Sequence) and state.items[3:] else None
            )
            if isinstance(fields, Mapping) and isinstance(state, Sequence):
                return _structured(state.items, fields)
            if PLAIN.fullmatch(text):
                return text
    raise UnreadableError("it holds an array of no type that is known here")


def _structured(state: list[Value], fields: Mapping) -> DTypeLike:
    size = _size(state[ITEMSIZE]) if len(state) > ITEMSIZE else None
    names, formats, offsets = [], [], []
    for name, placed in fields.pairs:
        match name, placed:
            case str(), Sequence([kind, int(offset), *_]):
                names.append(name)
                formats.append(_dtype(kind))
                offsets.append(offset)
            case _:
                raise UnreadableError("it holds an array of no type that is known here")
    told = {"names": names, "formats": formats, "offsets": offsets, "itemsize": size}
    try:
        made: np.dtype[np.void] = np.dtype(told)  # type: ignore[call-overload] # size can be None
    except (TypeError, ValueError) as error:
        raise UnreadableError("it holds an array of no type that is known here") from error
    return made
