"""
Columns of values to columns of text, as JSON or as CSV has them: whole columns, never values.

Numbers have the digits that a plain answer has (wherry.plain.replies), since the same orjson writes
them: a whole column as one list, which is then cut at its commas.
"""

from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

JSON_SPECIAL = '["\\\\\\x00-\\x1f]'
CSV_SPECIAL = '[",\\r\\n]'


def json_numbers(values: NDArray[Any]) -> pa.Array:
    """Numbers, or truth values; each row of a table is a list."""
    if not len(values):
        return pa.array([], pa.string())
    told = orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY).decode()
    depth = values.ndim
    opened, closed = "[" * (depth - 1), "]" * (depth - 1)
    cut = pc.split_pattern(pa.array([told[depth:-depth]], pa.large_string()), f"{closed},{opened}")
    rows = cut.values.cast(pa.string())
    return joined([opened, rows, closed]) if opened else rows


def json_texts(column: pa.Array) -> pa.Array:
    """Strings in quotes; what is missing is null."""
    if pc.any(pc.match_substring_regex(column, JSON_SPECIAL)).as_py():
        told = [orjson.dumps(text).decode() for text in column.to_pylist()]
        return pa.array(told, pa.string())
    quoted = pc.binary_join_element_wise('"', column, '"', "")
    return quoted.fill_null("null") if quoted.null_count else quoted


def csv_numbers(values: NDArray[Any]) -> pa.Array:
    """Of one column; NaN and infinity are empty cells."""
    told = json_numbers(values)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        return pc.if_else(pc.equal(told, "null"), "", told)
    return told


def csv_texts(column: pa.Array) -> pa.Array:
    """In quotes where they need them; what is missing is an empty cell."""
    column = column.fill_null("") if column.null_count else column
    special = pc.match_substring_regex(column, CSV_SPECIAL)
    if not pc.any(special).as_py():
        return column
    doubled = pc.replace_substring(column, '"', '""')
    return pc.if_else(special, pc.binary_join_element_wise('"', doubled, '"', ""), column)


def json_column(column: pa.Array) -> pa.Array:
    """Any column that is carried through."""
    kind = column.type
    if pa.types.is_string(kind):
        return json_texts(column)
    if not column.null_count and (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return json_numbers(column.to_numpy())
    told = [orjson.dumps(value, default=str).decode() for value in column.to_pylist()]
    return pa.array(told, pa.string())


def csv_column(column: pa.Array) -> pa.Array:
    """Any column that is carried through; a list or a structure is JSON in a cell."""
    kind = column.type
    if pa.types.is_string(kind):
        return csv_texts(column)
    if not column.null_count and (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return csv_numbers(column.to_numpy())
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        told = json_column(column)
        return csv_texts(pc.if_else(pc.equal(told, "null"), "", told))
    return csv_texts(column.cast(pa.string()))


def joined(parts: list[Any]) -> pa.Array:
    """Texts put together row by row; a part is a column, or the same text for each."""
    return pc.binary_join_element_wise(*parts, "")
