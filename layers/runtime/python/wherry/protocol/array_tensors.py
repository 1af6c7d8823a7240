"""
What a Python caller has, to a tensor of the model's datatype: cast where nothing but precision is
lost. A fraction is no whole number, text is no number, None is no NaN, and 300 is no UINT8.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wherry.errors import RequestError
from wherry.protocol.datatypes import TO_NUMPY

# By the kind of the datatype, the kinds of arrays that may become it.
_MAY_BECOME = {"b": "b", "u": "ui", "i": "ui", "f": "uif", "O": "OU"}


def cast(where: str, value: ArrayLike, datatype: str) -> NDArray[Any]:
    """Raise RequestError unless `value` is a tensor of `datatype`; `where` names it."""
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
    return tensor
