"""
A tensor's binary data to an array, and an array to binary data.

Little-endian and row-major, as every machine that ONNX Runtime runs on here has it, so numbers are
not copied but where they lie askew. BOOL is one byte, 0 or 1. BYTES is, for each element, its
length in four bytes and then its bytes; these must be UTF-8, since ONNX Runtime's Python door
carries text and nothing else.
"""

import struct
from collections.abc import Iterable
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry.errors import RequestError
from wherry.protocol.datatypes import TO_NUMPY
from wherry.protocol.signature import quoted

_LENGTH = struct.Struct("<I")


def to_array(where: str, data: memoryview, datatype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Raise RequestError unless `data` is `shape` elements of `datatype`; `where` names it."""
    if datatype == "BYTES":
        return _texts(where, data, shape)
    dtype = TO_NUMPY[datatype]
    wanted = prod(shape) * dtype.itemsize
    if len(data) != wanted:
        raise RequestError(
            where,
            f"shape {quoted(list(shape))} of {datatype} wants {wanted} bytes; {len(data)} came",
        )
    array: NDArray[Any] = np.ndarray(shape, dtype, data)
    if datatype == "BOOL" and (array.view(np.uint8) > 1).any():
        raise RequestError(where, "a byte is neither 0 nor 1, the two that BOOL has")
    return array if array.flags.aligned else array.copy()


def to_text(where: str, data: memoryview, number: int = 0) -> str:
    """The bytes of one element of BYTES."""
    try:
        return str(data, "utf-8")
    except UnicodeDecodeError:
        raise RequestError(
            where, f"element {number} is not UTF-8; ONNX Runtime carries text only"
        ) from None


def to_bytes(array: NDArray[Any]) -> list[memoryview | bytes]:
    """The pieces of its binary data, in order; numbers are not copied."""
    if array.dtype.hasobject:
        return [piece for text in array.ravel().tolist() for piece in _with_length(text.encode())]
    return [np.ascontiguousarray(array).reshape(-1).view(np.uint8).data]


def _with_length(text: bytes) -> Iterable[bytes]:
    return _LENGTH.pack(len(text)), text


def _texts(where: str, data: memoryview, shape: tuple[int, ...]) -> NDArray[Any]:
    count, end = prod(shape), len(data)
    if count * _LENGTH.size > end:
        raise RequestError(
            where,
            f"shape {quoted(list(shape))} of BYTES wants {count * _LENGTH.size} bytes and more;"
            f" {end} came",
        )
    texts, position = [], 0
    for number in range(count):
        start = position + _LENGTH.size
        position = start + _LENGTH.unpack_from(data, position)[0] if start <= end else start
        if position > end:
            raise RequestError(where, f"its data ends inside element {number}")
        texts.append(to_text(where, data[start:position], number))
    if position != end:
        raise RequestError(where, f"{end - position} bytes follow its last element")
    return np.array(texts, object).reshape(shape)
