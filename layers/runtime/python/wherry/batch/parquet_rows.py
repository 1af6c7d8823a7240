"""
Rows of Parquet: row groups, decoded a chunk at a time, and only the columns that are wanted.

Its columns have types, which are judged when a run is planned. What is left to judge here are
values: those that are missing, and numbers that the model's datatype cannot hold.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wherry.batch.arrays import nulls, plain
from wherry.batch.chunks import Chunk, Where, kept_names
from wherry.batch.columns import Wanted, read_as, single
from wherry.batch.contract import Options, Partition
from wherry.batch.files import Entry, Files
from wherry.errors import RefusedError
from wherry.plain.faults import out_of_range, wanted
from wherry.plain.fields import Field
from wherry.protocol.signature import quoted

PAGES = 256 << 10  # bytes of each column at a time
ASKED = 1 << 20  # and where each read is a request, if all of a part is too much at once
AT_ONCE = 128 << 20
CHUNK_BYTES = 16 << 20  # of a chunk, of all columns that are read, as their pages have them
FEW = 1024  # rows decoded at a time, where the footer does not tell what they come to

_CAME = (
    (pa.types.is_string, "a string"), (pa.types.is_boolean, "true or false"),
    (pa.types.is_integer, "a number"), (pa.types.is_floating, "a fraction"),
    (pa.types.is_decimal, "a fraction"), (pa.types.is_list, "a list"),
    (pa.types.is_fixed_size_list, "a list"), (pa.types.is_null, "nothing"),
)  # fmt: skip


def check_types(schema: pa.Schema, wanted_: Wanted, where: str) -> list[str]:
    """The columns to read; RefusedError if one is missing or its type can never be right."""
    names = wanted_.columns(schema.names, where, "parquet")
    for field in wanted_.fields:
        spread = field.name not in schema.names
        for name in names if spread else [field.name]:
            if spread and not name.startswith(f"{field.name}."):
                continue
            judged = single(field) if spread else field
            came = _unfit(schema.field(name).type, judged)
            if came:
                raise RefusedError(where, f"column {quoted(name)}: {came} came; {_wants(judged)}")
    return names


def opened(files: Files, entry: Entry, groups: Sequence[int] = ()) -> Any:
    """To read those row groups; RefusedError if it is no Parquet."""
    source = files.open(entry)
    try:
        told = pq.read_metadata(source)
        size = sum(told.row_group(place).total_byte_size for place in groups)
        at_once = files.remote and size <= AT_ONCE
        pages = ASKED if files.remote else PAGES
        return pq.ParquetFile(
            source, metadata=told, pre_buffer=at_once, buffer_size=0 if at_once else pages
        )
    except pa.ArrowInvalid as error:
        raise RefusedError(entry.key, f"it is no Parquet ({error})") from None


class ParquetRows:
    """Reads one partition."""

    def __init__(self, files: Files, part: Partition, wanted_: Wanted, options: Options) -> None:
        self._part = part
        self._wanted = wanted_
        self._options = options
        self._groups = list(range(part.first, part.last))
        self._file = opened(files, Entry(part.source, part.size, part.etag), self._groups)
        schema = self._file.schema_arrow
        self._names = check_types(schema, wanted_, part.source)
        self._kept = kept_names(options.id, options.keep, schema.names)

    def counted(self) -> int:
        """As the footer tells it."""
        told = self._file.metadata
        return self._part.rows or sum(told.row_group(group).num_rows for group in self._groups)

    def chunks(self, rows: int) -> Iterator[Chunk]:
        """Of at most so many rows, and of fewer where these are large."""
        at = self._part.row
        for batch in self._own(self._batches(min(rows, self._rows_at_once()))):
            for piece in _pieces(batch):
                yield self._chunk(pa.Table.from_batches([piece]), at)
                at += len(piece)

    def _rows_at_once(self) -> int:
        """By the row group whose rows are the largest, as the footer tells it."""
        most = 0
        for group in map(self._file.metadata.row_group, self._groups):
            size = sum(each.total_uncompressed_size for each in self._read(group))
            most = max(most, size // max(1, group.num_rows))
        return max(1, CHUNK_BYTES // max(1, most))

    def _read(self, group: Any) -> list[Any]:
        """What the footer tells of the columns that are read."""
        names = {*self._names, *self._kept}
        columns = map(group.column, range(group.num_columns))
        return [each for each in columns if _is_of(each.path_in_schema, names)]

    def _has_words(self) -> bool:
        """Whether texts are told once and meant often: the footer tells how long they are told."""
        groups = map(self._file.metadata.row_group, self._groups)
        return any(_is_word(each) for group in groups for each in self._read(group))

    def _own(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Without the rows of other parts that share the row group."""
        skip, left = self._part.skip, self.counted()
        for batch in batches:
            own = batch.slice(skip, left)
            skip -= min(skip, len(batch))
            left -= len(own)
            if len(own):
                yield own
            if not left:
                return

    def _batches(self, rows: int) -> Iterator[pa.RecordBatch]:
        words = self._has_words()
        batches: Iterator[pa.RecordBatch] = self._file.iter_batches(
            batch_size=min(rows, FEW) if words else rows,
            row_groups=self._groups,
            columns=list(dict.fromkeys([*self._names, *self._kept])),
            use_threads=False,
        )
        return _joined(batches, rows) if words else batches

    def _chunk(self, batch: pa.Table, at: int) -> Chunk:
        where = Where(np.arange(at, at + len(batch), dtype=np.int64))
        kept = batch.select(self._kept)
        table = _read_as(self._wanted.gathered(batch.select(self._names)), self._wanted.fields)
        mask = self._wanted.suspicious(table, finite=False)
        chunk = Chunk(table, kept, where, id=self._options.id)
        if not mask.any():
            return chunk
        reasons = {int(place): self._reason(table, int(place)) for place in np.flatnonzero(mask)}
        return chunk.without(reasons, chunk.refusals(reasons))

    def _reason(self, table: pa.Table, place: int) -> str:
        """In the words of POST /predict, of the first field at fault."""
        for field in self._wanted.fields:
            value = plain(table[field.name].slice(place, 1))
            if self._wanted.suspicious_values(field, value, finite=False)[0]:
                return _fault(field, value, self._wanted)
        raise AssertionError  # a field was found at fault before


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Even ones: rows differ, and a page has a value once that many of them have."""
    rows = -(-len(batch) // max(1, batch.nbytes // CHUNK_BYTES))
    return (batch.slice(first, rows) for first in range(0, len(batch), rows))


def _joined(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """As many of them together as are a chunk."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        together = [*held, batch]
        large = sum(each.nbytes for each in together) > CHUNK_BYTES
        if held and (large or sum(map(len, together)) > rows):
            yield pa.concat_batches(held)
            together = [batch]
        held = together
    if held:
        yield pa.concat_batches(held)


def _is_word(column: Any) -> bool:
    return column.physical_type == "BYTE_ARRAY" and any("DICT" in each for each in column.encodings)


def _is_of(path: str, names: Collection[str]) -> bool:
    """Whether values are of one of these columns; each level of a list or a structure has a dot."""
    return path in names or any(path[:at] in names for at, mark in enumerate(path) if mark == ".")


def _wants(field: Field) -> str:
    if not field.shape:
        return wanted(field)
    return f"a list of shape {quoted(list(field.shape))} of {field.datatype} is wanted"


def _fault(field: Field, value: pa.Array, wanted_: Wanted) -> str:
    where = quoted(field.name)
    if nulls(value)[0]:
        return f"{where}: nothing came; {wanted(field)}"
    if field.shape:
        return f"{where}: {_wants(field)}"
    if field.dtype.kind == "O":
        return f"{where}: a text has over {wanted_.limits.text_length} characters"
    told = value[0].as_py()
    if isinstance(told, float) and not np.isfinite(told):
        return f"{where}: NaN or infinity came; finite numbers are wanted"
    return str(out_of_range(where, field))


def _read_as(table: pa.Table, fields: Sequence[Field]) -> pa.Table:
    """Texts as plain strings and decimals as fractions; numbers as they are, to save a copy."""
    columns = [_cast(table[field.name], field) for field in fields]
    return pa.table(columns, names=[field.name for field in fields])


def _cast(column: Any, field: Field) -> Any:
    kind = _scalar(column.type)
    plainly = pa.types.is_string(kind) or pa.types.is_boolean(kind) or pa.types.is_integer(kind)
    if column.type == kind and (plainly or pa.types.is_floating(kind)):
        return column
    lists = pa.types.is_list(column.type) or pa.types.is_fixed_size_list(column.type)
    return column if lists and not pa.types.is_dictionary(kind) else column.cast(read_as(field))


def _scalar(kind: pa.DataType) -> pa.DataType:
    while pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        kind = kind.value_type
    return kind


def _unfit(kind: pa.DataType, field: Field) -> str:
    """What came, where it is not what the field wants; else nothing."""
    for _ in field.shape:
        if not pa.types.is_list(kind) and not pa.types.is_fixed_size_list(kind):
            return _came(kind)
        kind = kind.value_type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    whole, fraction = pa.types.is_integer(kind), pa.types.is_floating(kind)
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    fits = {
        "f": whole or fraction or pa.types.is_decimal(kind),
        "i": whole, "u": whole, "b": pa.types.is_boolean(kind), "O": text,
    }[field.dtype.kind]  # fmt: skip
    return "" if fits or (pa.types.is_null(kind) and field.may_be_missing) else _came(kind)


def _came(kind: pa.DataType) -> str:
    return next((told for holds, told in _CAME if holds(kind)), str(kind))
