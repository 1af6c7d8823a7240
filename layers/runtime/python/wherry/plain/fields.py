"""
What one row of a model has: named fields, made of the manifest's features and inputs.

A tabular input with named features is as many fields; any other input is one field, called as the
input is. So a row of any model whose inputs are batches can be told by names. It refuses a model
with an input that is no batch: such a one has no rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry.columns import described
from wherry.errors import RequestError
from wherry.limits import Limits
from wherry.manifest import Feature, Manifest, TensorSpec
from wherry.protocol.datatypes import NO_JSON, TO_NUMPY
from wherry.protocol.signature import quoted

Row = Sequence[Any]  # the values of one row, in the order of the fields


@dataclass(frozen=True)
class Field:
    """
    One value of a row; `shape` is that of the value, () for a single one.

    Where it `may_be_missing`, it is NaN then, for the model to impute.
    """

    name: str
    datatype: str
    shape: tuple[int, ...] = ()
    feature: Feature | None = None
    may_be_missing: bool = False

    @property
    def dtype(self) -> np.dtype:
        return TO_NUMPY[self.datatype]

    @property
    def size(self) -> int:
        """How many elements it has, as far as the manifest tells: what is open counts as 1."""
        return prod(abs(size) for size in self.shape)


@dataclass(frozen=True)
class _Part:
    """The fields `first` to `last` (without it) of a row are one row of the input `spec`."""

    spec: TensorSpec
    first: int
    fields: tuple[Field, ...]

    @property
    def last(self) -> int:
        return self.first + len(self.fields)


class Fields(Sequence[Field]):
    """The fields of a model's rows, in order, and the tensors that rows become."""

    def __init__(self, manifest: Manifest, limits: Limits) -> None:
        missing = manifest.imputes and limits.nonfinite == "allow"
        self._parts = tuple(_parts(manifest, missing=missing))
        self._fields = tuple(chain.from_iterable(part.fields for part in self._parts))

    def __getitem__(self, index: Any) -> Any:
        return self._fields[index]

    def __len__(self) -> int:
        return len(self._fields)

    @property
    def names(self) -> list[str]:
        return [field.name for field in self._fields]

    @property
    def takes_text(self) -> bool:
        """Whether a row is one text."""
        return [(field.datatype, field.shape) for field in self._fields] == [("BYTES", ())]

    @property
    def elements(self) -> int:
        """Of one row of the largest input, as far as the manifest tells."""
        return max(sum(field.size for field in part.fields) for part in self._parts)

    def tensors(self, rows: Sequence[Row]) -> Mapping[str, NDArray[Any]]:
        """Each input's tensor. The values are of the fields' datatypes already."""
        return {part.spec.name: _tensor(part, rows, len(self)) for part in self._parts}


def _parts(manifest: Manifest, *, missing: bool) -> Iterator[_Part]:
    named = described(manifest.inputs, manifest.features)
    first = 0
    for spec in manifest.inputs:
        _check_has_rows(spec, manifest.model)
        features = named.get(spec.name, ())
        fractions = missing and TO_NUMPY[spec.datatype].kind == "f"
        part = _Part(spec, first, _fields_of(spec, features, missing=fractions))
        yield part
        first = part.last


def _check_has_rows(spec: TensorSpec, model: str) -> None:
    odd = f"is {spec.datatype}" if spec.datatype in NO_JSON else "" if spec.shape else "has no rows"
    if odd:
        raise RequestError(
            f"model {quoted(model)}",
            f"it takes no plain rows: its input {quoted(spec.name)} {odd}",
            f"Send tensors to /v2/models/{model}/infer.",
        )


def _fields_of(
    spec: TensorSpec, features: Sequence[Feature], *, missing: bool
) -> tuple[Field, ...]:
    kind = spec.datatype
    if features:
        return tuple(Field(told.name, kind, (), told, missing) for told in features)
    shape = spec.shape[1:]
    return (Field(spec.name, kind, () if shape == (1,) else shape, None, missing),)


def _tensor(part: _Part, rows: Sequence[Row], width: int) -> NDArray[Any]:
    dtype = TO_NUMPY[part.spec.datatype]
    shape = (len(rows), *part.spec.shape[1:])
    if part.fields[0].shape:
        return _nested(part, [row[part.first] for row in rows], shape)
    first, last = part.first, part.last
    mine = rows if len(part.fields) == width else [row[first:last] for row in rows]
    try:
        values = np.fromiter(chain.from_iterable(mine), dtype, len(rows) * len(part.fields))
    except OverflowError as error:  # of 64 bits: the readers have judged all others
        raise RequestError(
            f"input {quoted(part.spec.name)}",
            f"a number is out of the range of {part.spec.datatype}",
        ) from error
    return values.reshape(shape)


def _nested(part: _Part, values: list[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Lists of lists; rows whose open sizes differ cannot be one tensor."""
    [field] = part.fields
    if not values:
        return np.zeros([abs(size) for size in shape], field.dtype)
    try:
        array = np.array(values, field.dtype)
    except ValueError as error:
        raise RequestError(quoted(field.name), "its lists differ in length") from error
    if array.ndim != len(shape):  # objects of unequal lengths, or an empty list within
        raise RequestError(quoted(field.name), "its lists differ in length")
    return array


def bounds_of(dtype: np.dtype) -> tuple[float, float] | None:
    """The least and the greatest number of a datatype; None where it holds no numbers."""
    match dtype.kind:
        case "f":
            most = float(np.finfo(dtype).max)
            return -most, most
        case "i" | "u":
            return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    return None
