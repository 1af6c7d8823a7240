"""
A tensor's JSON data to an array: nested or flat, and nothing guessed.

NumPy would turn `null` into NaN, "1.5" and `true` into numbers, and a list with one long string
into a table as wide as that string. So the nesting and the types are checked first, in Python.
"""

from itertools import chain
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry.errors import RequestError
from wherry.protocol.datatypes import FROM_JSON, TO_NUMPY
from wherry.protocol.signature import quoted

_WANTED = {"b": "true or false", "O": "strings", "f": "numbers"}
_CALLED = {
    bool: "true or false", float: "fractions", int: "numbers", str: "strings",
    list: "lists", dict: "objects", type(None): "null",
}  # fmt: skip


def to_array(where: str, data: Any, datatype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Raise RequestError unless `data` is `shape` elements of `datatype`; `where` names it."""
    if not isinstance(data, list):
        raise RequestError(where, f"its data is {_told(type(data))}; a list is wanted")
    items = _flattened(where, data, shape)
    _check_types(where, items, datatype)
    try:
        with np.errstate(over="raise"):
            return np.array(items, TO_NUMPY[datatype]).reshape(shape)
    except (OverflowError, FloatingPointError) as error:
        raise RequestError(where, f"a number is out of the range of {datatype}") from error


def _flattened(where: str, data: list[Any], shape: tuple[int, ...]) -> list[Any]:
    if not any(isinstance(item, list) for item in data):
        if len(data) != prod(shape):
            raise RequestError(
                where, f"shape {quoted(list(shape))} wants {prod(shape)} elements; {len(data)} came"
            )
        return data
    items: list[Any] = [data]
    for size in shape:
        if any(not isinstance(item, list) or len(item) != size for item in items):
            raise RequestError(where, f"its data is not nested as shape {quoted(list(shape))} says")
        items = list(chain.from_iterable(items))
    return items


def _check_types(where: str, items: list[Any], datatype: str) -> None:
    odd = set(map(type, items)) - FROM_JSON[datatype]
    if odd:
        wanted = _WANTED.get(TO_NUMPY[datatype].kind, "whole numbers")
        came = " and ".join(sorted(_told(kind) for kind in odd))
        raise RequestError(where, f"its data holds {came}; {datatype} wants {wanted}")


def _told(kind: type) -> str:
    return _CALLED.get(kind, kind.__name__)
