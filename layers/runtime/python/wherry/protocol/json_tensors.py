"""
A tensor's JSON data to an array: nested or flat, and nothing guessed.

NumPy would turn `null` into NaN, "1.5" and `true` into numbers, and a list with one long string
into a table as wide as that string. So numbers are packed by `struct`, which takes numbers only and
in their range only, and is twice as fast. The one thing that it takes too is `true` for 1: where
the text may hold one, and a 0 or a 1 comes out, the type of each is looked at.
"""

import struct
from collections.abc import Callable
from itertools import chain
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry.errors import RequestError
from wherry.protocol.datatypes import FROM_JSON, NO_JSON, PACKED, TO_NUMPY
from wherry.protocol.signature import quoted

_WANTED = {"b": "true or false", "O": "strings", "f": "numbers"}
_CALLED = {
    bool: "true or false", float: "fractions", int: "numbers", str: "strings",
    list: "lists", dict: "objects", type(None): "null",
}  # fmt: skip
_FEW = 64  # of so many, looking at each type is quicker than asking NumPy whether to


def to_array(
    where: str,
    data: Any,
    datatype: str,
    shape: tuple[int, ...],
    may_hold_booleans: Callable[[], bool] = lambda: True,
) -> NDArray[Any]:
    """Raise RequestError unless `data` is `shape` elements of `datatype`; `where` names it."""
    if datatype in NO_JSON:
        raise RequestError(where, f"{datatype} has no JSON form", "Send it as binary data.")
    if type(data) is not list:
        raise RequestError(where, f"its data is {_told(type(data))}; a list is wanted")
    items = _flattened(where, data, shape)
    if datatype in PACKED:
        array = _numbers(where, items, datatype).reshape(shape)
        if len(items) < _FEW or (may_hold_booleans() and ((array == 0) | (array == 1)).any()):
            _check_types(where, items, datatype)
        return array
    _check_types(where, items, datatype)
    if datatype == "BOOL":
        return np.ndarray(shape, np.bool_, bytes(items))
    return np.array(items, object).reshape(shape)


def _flattened(where: str, data: list[Any], shape: tuple[int, ...]) -> list[Any]:
    if not data or type(data[0]) is not list:
        if len(data) != prod(shape):
            raise RequestError(
                where, f"shape {quoted(list(shape))} wants {prod(shape)} elements; {len(data)} came"
            )
        return data
    items: list[Any] = [data]
    for size in shape:
        if not {list}.issuperset(map(type, items)) or not {size}.issuperset(map(len, items)):
            raise RequestError(where, f"its data is not nested as shape {quoted(list(shape))} says")
        items = list(chain.from_iterable(items))
    return items


def _numbers(where: str, items: list[Any], datatype: str) -> NDArray[Any]:
    try:
        packed = struct.pack(f"<{len(items)}{PACKED[datatype]}", *items)
    except (struct.error, OverflowError):
        _check_types(where, items, datatype)
        raise RequestError(where, f"a number is out of the range of {datatype}") from None
    return np.ndarray((len(items),), TO_NUMPY[datatype], packed)


def _check_types(where: str, items: list[Any], datatype: str) -> None:
    odd = set(map(type, items)) - FROM_JSON[datatype]
    if odd:
        wanted = _WANTED.get(TO_NUMPY[datatype].kind, "whole numbers")
        came = " and ".join(sorted(_told(kind) for kind in odd))
        raise RequestError(where, f"its data holds {came}; {datatype} wants {wanted}")


def _told(kind: type) -> str:
    return _CALLED.get(kind, kind.__name__)
