"""
Columns of values to columns of text, as JSON or as CSV has them: whole columns, never values.

Numbers have the digits that a plain answer has (wherry.plain.replies), since the same orjson writes
them: a whole column as one list, which is then cut at its commas.
"""

from base64 import b64encode
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

JSON_SPECIAL = '["\\\\\\x00-\\x1f]'
CSV_SPECIAL = '[",\\r\\n]'
UUID_BYTES = 16

_DAY = r"^([0-9-]+) "
_OFFSET = r"([+-]\d\d)(\d\d)$"
_BYTES = (
    pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view,
    pa.types.is_fixed_size_binary,
)  # fmt: skip


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
    column = unwrapped(column)
    kind = column.type
    if _is_number(kind):
        return pc.if_else(column.is_valid(), json_numbers(_numbers(column)), "null")
    if pa.types.is_boolean(kind):
        return column.cast(pa.string()).fill_null("null")
    if pa.types.is_timestamp(kind):
        told = pc.replace_substring_regex(column.cast(pa.string()), _DAY, r"\1T")
        return json_texts(pc.replace_substring_regex(told, _OFFSET, r"\1:\2"))
    if pa.types.is_nested(kind):
        told = [orjson.dumps(value, default=_text_of).decode() for value in _listed(column)]
        return pa.array(told, pa.string())
    return json_texts(column.cast(pa.string()))


def csv_column(column: pa.Array) -> pa.Array:
    """Any column that is carried through; a list or a structure is JSON in a cell."""
    column = unwrapped(column)
    if _is_number(column.type):
        return pc.if_else(column.is_valid(), csv_numbers(_numbers(column)), "")
    if pa.types.is_nested(column.type):
        told = json_column(column)
        return csv_texts(pc.if_else(pc.equal(told, "null"), "", told))
    return csv_texts(column.cast(pa.string()))


def unwrapped(column: pa.Array) -> pa.Array:
    """
    As a plain type: a UUID is a text, a duration a number of its units, and bytes are base64, as
    they have to be in JSON.
    """
    while isinstance(column, pa.ExtensionArray | pa.DictionaryArray):
        if isinstance(column, pa.DictionaryArray):
            column = column.dictionary_decode()
        elif column.type == pa.uuid():
            return _uuids(column.storage)
        else:
            column = column.storage
    if pa.types.is_duration(column.type):
        return column.cast(pa.int64())
    if any(holds(column.type) for holds in _BYTES):
        told = [value and b64encode(value) for value in column.to_pylist()]
        return pa.array(told, pa.string())
    return column


def _uuids(column: pa.Array) -> pa.Array:
    """Of 16 bytes each."""
    first, last = UUID_BYTES * column.offset, UUID_BYTES * (column.offset + len(column))
    told = memoryview(column.buffers()[1])[first:last].hex().encode()
    digits = np.frombuffer(told, np.uint8).reshape(len(column), 2 * UUID_BYTES)
    texts = np.insert(digits, [8, 12, 16, 20], ord("-"), axis=1)
    found = pa.array(texts.view(f"S{texts.shape[1]}").ravel()).cast(pa.string())
    return pc.if_else(column.is_valid(), found, None)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _numbers(column: pa.Array) -> NDArray[Any]:
    """Something stands where nothing is, so that the others keep their type."""
    zero = pa.scalar(0).cast(column.type)
    found: NDArray[Any] = (column.fill_null(zero) if column.null_count else column).to_numpy()
    return found


def _listed(column: pa.Array) -> list[Any]:
    kind = _known(column.type)
    found: list[Any] = (column if kind == column.type else column.cast(kind)).to_pylist()
    return found


def _known(kind: pa.DataType) -> pa.DataType:
    """With texts in place of times that Python has no type for."""
    if pa.types.is_temporal(kind):
        return pa.string() if getattr(kind, "unit", "") == "ns" else kind
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        list_of = pa.list_ if pa.types.is_list(kind) else pa.large_list
        return list_of(_known(kind.value_type))
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(_known(kind.value_type), kind.list_size)
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, _known(field.type)) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(_known(kind.key_type), _known(kind.item_type))
    return kind


def _text_of(value: Any) -> str:
    return b64encode(value).decode() if isinstance(value, bytes) else str(value)


def joined(parts: list[Any]) -> pa.Array:
    """Texts put together row by row; a part is a column, or the same text for each."""
    return pc.binary_join_element_wise(*parts, "")
