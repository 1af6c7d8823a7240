"""
The columns of an input that a model wants, by name, and the tensors that they become.

A feature, or an input of one value a row, is a column of its name. An input whose rows are lists of
a fixed size is one column of lists, or as many columns `name.0`, `name.1` … . What else an input
has is ignored unless it is kept. Whole columns are judged and copied at a time, never values; which
rows are at fault is a mask, and in which words a fault is told is for who read them to say.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wherry.batch.absent import absent
from wherry.batch.arrays import Mask, filled, nulls, plain
from wherry.batch.contract import Format
from wherry.batch.lists import flattened, misshaped, spread_names, zipped
from wherry.columns import described
from wherry.errors import RefusedError
from wherry.limits import Limits
from wherry.manifest import Manifest
from wherry.plain.fields import Field, Fields, bounds_of
from wherry.protocol.datatypes import TO_NUMPY
from wherry.protocol.signature import VARIABLE, quoted

# What a column is read as: the widest of its kind, so that what is out of range is seen.
_READ_AS: Mapping[str, pa.DataType] = {
    "f": pa.float64(), "i": pa.int64(), "u": pa.uint64(), "b": pa.bool_(), "O": pa.string(),
}  # fmt: skip


@dataclass(frozen=True)
class Input:
    """One tensor of the model, and the fields that are its columns."""

    name: str
    datatype: str
    shape: tuple[int, ...]  # of one row
    fields: tuple[Field, ...]


class Wanted:
    """What a model wants of a row; made once for a partition."""

    def __init__(self, manifest: Manifest, limits: Limits) -> None:
        self.fields = Fields(manifest, limits)
        self.inputs = tuple(_inputs(manifest, self.fields))
        self.limits = limits
        for spec in manifest.inputs:
            if spec.shape[0] != VARIABLE:
                raise RefusedError(
                    f"input {quoted(spec.name)}",
                    f"its shape is {quoted(list(spec.shape))}: it takes no number of rows",
                    "A batch wants a model that takes any.",
                )
        for field in self.fields:
            if any(size < 0 for size in field.shape):
                raise RefusedError(
                    f"input {field.name!r}", "its rows differ in size, and a column's do not",
                    "Send its rows as requests, jobs or messages.",
                )  # fmt: skip

    @property
    def names(self) -> list[str]:
        return self.fields.names

    def columns(self, there: Sequence[str], where: str, format_: Format) -> list[str]:
        """
        The columns to read of those that are there; RefusedError naming all that are not. In JSON
        Lines what is a list is one column, and not spread over several.
        """
        found, missing = [], []
        for field in self.fields:
            spread = () if format_ == "jsonl" else spread_names(field)
            if field.name in there:
                found.append(field.name)
            elif spread and set(spread).issubset(there):
                found.extend(spread)
            else:
                missing.append(field)
        if missing:
            raise absent(where, missing, there, format_)
        twice = [name for name in found if there.count(name) > 1]
        if twice:
            raise RefusedError(where, f"{quoted(twice[0])} came twice")
        return found

    def gathered(self, table: pa.Table) -> pa.Table:
        """With a column for each field: those of one that is spread are put together."""
        for field in self.fields:
            spread = spread_names(field)
            if spread and field.name not in table.column_names:
                columns = [plain(table[name]) for name in spread]
                table = table.drop_columns(spread).append_column(
                    field.name, zipped(columns, field.shape)
                )
        return table

    def suspicious(self, table: pa.Table, *, finite: bool) -> Mask:
        """
        Rows that the model may not be asked: something missing, out of range, infinite or too long.
        Where numbers must not be `finite`, NaN is one that is missing.
        """
        return self.suspicious_of(self.fields, table, finite=finite)

    def suspicious_of(self, fields: Sequence[Field], table: pa.Table, *, finite: bool) -> Mask:
        """See `suspicious`, of other fields than the model's own."""
        mask = np.zeros(len(table), np.bool_)
        for field in fields:
            mask |= self.suspicious_values(field, plain(table[field.name]), finite=finite)
        return mask

    def tensors(self, table: pa.Table) -> dict[str, NDArray[Any]]:
        """Of rows that are not suspicious."""
        return {each.name: _tensor(each, table) for each in self.inputs}

    def suspicious_values(self, field: Field, column: pa.Array, *, finite: bool) -> Mask:
        """See `suspicious`, of one column."""
        if field.shape:
            return self._suspicious_lists(field, column, finite=finite)
        missing = nulls(column)
        if field.dtype.kind == "O":
            return missing | filled(pc.greater(pc.utf8_length(column), self.limits.text_length))
        if field.dtype.kind == "b":
            return missing
        finite = finite or not field.may_be_missing
        odd = out_of_bounds(_values(column, field.may_be_missing), field, finite=finite)
        return odd & ~missing if field.may_be_missing else odd | missing

    def _suspicious_lists(self, field: Field, column: pa.Array, *, finite: bool) -> Mask:
        """Wrong sizes first: only the rows of the right ones can be laid out as a table."""
        mask = misshaped(column, field.shape)
        right = np.flatnonzero(~mask)
        inner = flattened(column.filter(pa.array(~mask)), len(field.shape))
        odd = self.suspicious_values(single(field), inner, finite=finite)
        mask[right[odd.reshape(len(right), prod(field.shape)).any(axis=1)]] = True
        return mask


def single(field: Field, name: str = "") -> Field:
    """One element of a field that is a list."""
    return Field(name or field.name, field.datatype, (), field.feature, field.may_be_missing)


def read_as(field: Field) -> pa.DataType:
    """The type that a column of a field is read as."""
    kind: pa.DataType = _READ_AS[field.dtype.kind]
    for _ in field.shape:
        kind = pa.list_(kind)
    return kind


def out_of_bounds(values: NDArray[Any], field: Field, *, finite: bool) -> Mask:
    """Numbers that the datatype cannot hold, and infinity; NaN only where it is refused."""
    is_fraction = values.dtype.kind == "f"
    bounds = bounds_of(field.dtype)
    if bounds is None or np.can_cast(values.dtype, field.dtype):
        outside: Mask = np.isinf(values) if is_fraction else np.zeros(len(values), np.bool_)
    else:
        low, high = bounds
        outside = (values < low) | (values > high)
    return outside | np.isnan(values) if finite and is_fraction else outside


def _inputs(manifest: Manifest, fields: Sequence[Field]) -> Iterator[Input]:
    named = described(manifest.inputs, manifest.features)
    first = 0
    for spec in manifest.inputs:
        last = first + (len(named.get(spec.name, ())) or 1)
        yield Input(spec.name, spec.datatype, spec.shape[1:], tuple(fields[first:last]))
        first = last


def _tensor(wanted: Input, table: pa.Table) -> NDArray[Any]:
    """Filled column by column: one copy, which casts."""
    dtype = TO_NUMPY[wanted.datatype]
    rows = len(table)
    if wanted.fields[0].shape:
        flat = flattened(plain(table[wanted.name]), len(wanted.shape))
        values = _values(flat, wanted.fields[0].may_be_missing)
        return values.reshape(rows, *wanted.shape).astype(dtype, copy=False)
    tensor = np.empty((rows, len(wanted.fields)), dtype)
    for place, field in enumerate(wanted.fields):
        tensor[:, place] = _values(plain(table[field.name]), field.may_be_missing)
    return tensor.reshape(rows, *wanted.shape)


def _values(column: pa.Array, may_be_missing: bool) -> NDArray[Any]:  # noqa: FBT001 - a field's own
    """As NumPy's; a number that is missing is NaN where it may be, and 0 where it is told of."""
    if column.null_count:
        if not may_be_missing:
            column = column.fill_null("" if pa.types.is_string(column.type) else _zero(column.type))
        elif pa.types.is_floating(column.type):
            column = column.fill_null(pa.scalar(np.nan, pa.float64()).cast(column.type))
        else:
            column = column.cast(pa.float64()).fill_null(np.nan)
    found: NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return found


def _zero(kind: pa.DataType) -> pa.Scalar:
    return pa.scalar(False if pa.types.is_boolean(kind) else 0).cast(kind)
