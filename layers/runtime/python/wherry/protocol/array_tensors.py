"""
What a Python caller has, to a tensor of the model's datatype: cast where nothing but precision is
lost. A fraction is no whole number, text is no number, None is no NaN, and 300 is no UINT8.

A Python caller sees numbers where the tensor holds the bits of BF16.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wherry.errors import RequestError
from wherry.protocol.datatypes import TO_NUMPY

# By the kind of the datatype, the kinds of arrays that may become it.
_MAY_BECOME = {"b": "b", "u": "ui", "i": "ui", "f": "uif", "O": "OU"}
_BF16_NAN = 0x7FC0


def cast(where: str, value: ArrayLike, datatype: str) -> NDArray[Any]:
    """Raise RequestError unless `value` is a tensor of `datatype`; `where` names it."""
    if datatype == "BF16":
        return _bf16(where, cast(where, value, "FP32"))
    wanted = TO_NUMPY[datatype]
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise RequestError(where, "its rows differ in length") from error
    if array.size and array.dtype.kind not in _MAY_BECOME[wanted.kind]:
        raise RequestError(where, f"an array of {array.dtype} came; {datatype} is wanted")
    try:
        with np.errstate(over="raise"):
            tensor = array.astype(wanted, copy=False)
    except FloatingPointError as error:
        raise RequestError(where, f"a number is out of the range of {datatype}") from error
    if wanted.kind in "ui" and not np.array_equal(tensor, array):
        raise RequestError(where, f"a number is out of the range of {datatype}")
    if datatype == "BYTES":
        _check_texts(where, tensor)
    return tensor


def numbers(tensor: NDArray[Any], datatype: str) -> NDArray[Any]:
    """A tensor of the model, as a Python caller sees it: BF16 as FP32, which holds all of it."""
    if datatype != "BF16":
        return tensor
    return (tensor.astype(np.uint32) << 16).view(np.float32)


def _bf16(where: str, tensor: NDArray[Any]) -> NDArray[Any]:
    """The upper half of each FP32, rounded to the nearest and, in the middle, to the even one."""
    bits = np.ascontiguousarray(tensor).reshape(-1).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    halves = np.where(np.isnan(tensor.reshape(-1)), _BF16_NAN, rounded).astype(np.uint16)
    if (np.isinf(numbers(halves, "BF16")) & ~np.isinf(tensor.reshape(-1))).any():
        raise RequestError(where, "a number is out of the range of BF16")
    return halves.reshape(tensor.shape)


def _check_texts(where: str, tensor: NDArray[Any]) -> None:
    """ONNX Runtime would take anything, and make a text of it as Python shows it."""
    for text in tensor.ravel().tolist():
        if not isinstance(text, str):
            raise RequestError(where, f"a {type(text).__name__} came; BYTES is wanted")
        try:
            text.encode()
        except UnicodeEncodeError:
            raise RequestError(where, "a text is not one that UTF-8 can hold") from None
