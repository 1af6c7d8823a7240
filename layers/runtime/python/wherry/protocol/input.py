"""
One input of a model: what is known of it before a request comes, and how its tensor is read.

Datatype, shape and limits are checked on what the caller claims; only then is the data looked at,
and only of the size that it has.
"""

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry.errors import RequestError, TooLargeError
from wherry.limits import Limits
from wherry.manifest import TensorSpec
from wherry.protocol import binary_tensors, json_tensors
from wherry.protocol.body import Body
from wherry.protocol.datatypes import TO_NUMPY
from wherry.protocol.parameters import parameters_of
from wherry.protocol.signature import VARIABLE, check_shape, quoted

_WHOLE = frozenset({int})
_BF16_EXPONENT = 0x7F80  # all its bits are set in infinity and NaN


class Input:
    """Reads the tensor of `spec` from a request."""

    def __init__(self, spec: TensorSpec, limits: Limits) -> None:
        self._where = f"input {quoted(spec.name)}"
        self._spec = spec
        self._limits = limits
        self._takes_any = limits.nonfinite == "allow" or spec.datatype not in _CAN_BE_NONFINITE

    def read(self, told: Mapping[str, Any], body: Body) -> NDArray[Any]:
        """From its entry in a request, and from the binary data if that says so."""
        if told.get("datatype") != self._spec.datatype:
            raise RequestError(
                self._where,
                f"datatype {quoted(told.get('datatype'))} came; {self._spec.datatype} is wanted",
            )
        shape = self._shape(told.get("shape"))
        size = parameters_of(self._where, told).get("binary_data_size")
        if size is None:
            return self._checked(
                json_tensors.to_array(
                    self._where,
                    told.get("data"),
                    self._spec.datatype,
                    shape,
                    body.may_hold_booleans,
                )
            )
        if "data" in told:
            raise RequestError(self._where, "both `data` and binary data came; one is wanted")
        return self._from_bytes(body.take(self._where, size), shape)

    def read_raw(self, data: memoryview) -> NDArray[Any]:
        """From nothing but its bytes; at most one size is open, and follows from how many came."""
        if self._spec.datatype == "BYTES":
            return self._one_text(data)
        fixed = [size for size in self._spec.shape if size != VARIABLE]
        row = prod(fixed) * TO_NUMPY[self._spec.datatype].itemsize
        if len(self._spec.shape) - len(fixed) > 1 or not row:
            raise RequestError(
                self._where,
                f"shape {quoted(list(self._spec.shape))} does not follow from a number of bytes",
                "Send a header that tells the shape.",
            )
        shape = tuple(len(data) // row if size == VARIABLE else size for size in self._spec.shape)
        self._check_size(shape)
        return self._from_bytes(data, shape)

    def _one_text(self, data: memoryview) -> NDArray[Any]:
        """As in the reference server: the whole body is one element, with no length before it."""
        shape = tuple(1 if size == VARIABLE else size for size in self._spec.shape)
        if prod(shape) != 1:
            raise RequestError(self._where, "a raw body is one text; this input takes several")
        text = binary_tensors.to_text(self._where, data)
        return self._checked(np.array([text], object).reshape(shape))

    def _from_bytes(self, data: memoryview, shape: tuple[int, ...]) -> NDArray[Any]:
        return self._checked(binary_tensors.to_array(self._where, data, self._spec.datatype, shape))

    def _shape(self, told: Any) -> tuple[int, ...]:
        if (
            type(told) is not list
            or not _WHOLE.issuperset(map(type, told))
            or min(told, default=0) < 0
        ):
            raise RequestError(
                self._where, f"shape {quoted(told)} came; a list of whole numbers is wanted"
            )
        shape = tuple(told)
        check_shape(self._spec, shape)
        self._check_size(shape)
        return shape

    def _check_size(self, shape: tuple[int, ...]) -> None:
        """A 0 among the sizes does not excuse the others: NumPy multiplies them too."""
        if shape and shape[0] > self._limits.rows:
            raise TooLargeError(self._where, f"{shape[0]} rows are over {self._limits.rows}")
        elements = prod(shape) or prod(filter(None, shape))
        if elements > self._limits.elements:
            raise TooLargeError(
                self._where,
                f"shape {quoted(list(shape))} is over {self._limits.elements} elements",
            )

    def _checked(self, array: NDArray[Any]) -> NDArray[Any]:
        if array.dtype.hasobject:
            longest = max(map(len, array.ravel().tolist()), default=0)
            if longest > self._limits.text_length:
                raise TooLargeError(
                    self._where,
                    f"a text of {longest} characters came; {self._limits.text_length} are allowed",
                    "Send shorter texts.",
                )
        if not self._takes_any and not _is_finite(array, self._spec.datatype):
            raise RequestError(self._where, "NaN or infinity came; finite numbers are wanted")
        return array


_CAN_BE_NONFINITE = frozenset({"FP16", "FP32", "FP64", "BF16"})


def _is_finite(array: NDArray[Any], datatype: str) -> bool:
    if datatype == "BF16":
        return not ((array & _BF16_EXPONENT) == _BF16_EXPONENT).any()
    return bool(np.isfinite(array).all())
