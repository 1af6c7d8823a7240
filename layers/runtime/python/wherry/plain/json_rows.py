"""
Rows in JSON: a list of objects, or one object; each value of its field's type, and nothing guessed.

A string is no number, `true` is no 1, a fraction is no whole number. The types are checked while
the text is read, so that what is wrong costs no more than what came before it.
"""

from typing import Annotated, Any

import msgspec
import numpy as np

from wherry.errors import RequestError
from wherry.plain.faults import REQUEST, fault
from wherry.plain.fields import Field, Fields, Row, bounds_of


class JsonRows:
    """
    Reads the JSON rows of one model.

    In short, a row may be the list of its values in the order of the fields; where there is one
    field, its value alone.
    """

    def __init__(self, fields: Fields) -> None:
        types = [_type(field) for field in fields]
        keys = [f"_{number}" for number in range(len(types))]
        self._fields = fields
        self._object = msgspec.defstruct(
            "Row",
            list(zip(keys, types, strict=True)),
            rename=dict(zip(keys, fields.names, strict=True)),
            forbid_unknown_fields=True,
            frozen=True,
            gc=False,
        )
        short: Any = types[0] if len(types) == 1 else tuple[tuple(types)]  # type: ignore[misc] # made at run time
        self._decoder = msgspec.json.Decoder(self._object | list[self._object | short])  # type: ignore[name-defined] # made at run time

    def read(self, body: bytes) -> tuple[list[Row], bool]:
        """The rows, and whether one object came instead of a list of them."""
        try:
            told = self._decoder.decode(body)
        except msgspec.DecodeError as error:
            raise fault(str(error), self._fields) from None
        except UnicodeDecodeError:
            raise RequestError(REQUEST, "a text in it is no UTF-8", "Send UTF-8.") from None
        if not isinstance(told, list):
            return [msgspec.structs.astuple(told)], True
        return [self._values(row) for row in told], False

    def _values(self, row: Any) -> Row:
        if isinstance(row, self._object):
            return msgspec.structs.astuple(row)
        return (row,) if len(self._fields) == 1 else row


def _type(field: Field) -> Any:
    told: Any = _scalar(field.dtype)
    if field.may_be_missing:
        told = told | None
    for size in reversed(field.shape):
        told = list[told]
        if size >= 0:
            told = Annotated[told, msgspec.Meta(min_length=size, max_length=size)]
    return told


def _scalar(dtype: np.dtype) -> Any:
    bounds = bounds_of(dtype)
    if bounds is None:
        return bool if dtype.kind == "b" else str
    least, most = bounds
    if dtype == np.uint64:
        return Annotated[int, msgspec.Meta(ge=0)]  # msgspec compares with no larger number
    within = msgspec.Meta(ge=least, le=most)
    return Annotated[float, within] if dtype.kind == "f" else Annotated[int, within]
