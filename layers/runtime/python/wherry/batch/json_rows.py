"""
Rows of JSON Lines: a block of them is read at once, and only what looks odd line by line.

As POST /predict reads one row (wherry.plain.json_rows): an object, each value of its field's type.
Values that the model does not know are ignored here. What is carried through stays the JSON that
came, digit by digit.
"""

from collections.abc import Iterator

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.json as arrow_json

from wherry.batch.arrays import nulls, plain
from wherry.batch.blocks import BOM, NEWLINE, blocks, head, last_line_end
from wherry.batch.chunks import RAW, Chunk, Where, kept_names
from wherry.batch.columns import Wanted, read_as
from wherry.batch.contract import Options, Partition
from wherry.batch.files import Entry, Files
from wherry.batch.mending import mended
from wherry.errors import RequestError
from wherry.plain.faults import REQUEST, listed
from wherry.plain.fields import Row
from wherry.plain.json_rows import JsonRows

LOOKED_AT = 100  # lines of an object that tell what columns there are

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_BLANK = b" \t\r\n"


def columns_of(files: Files, entry: Entry) -> list[str]:
    """The names in the first lines, in the order in which they come; none if none is an object."""
    found: dict[str, None] = {}
    first = head(files, entry, last_line_end).removeprefix(BOM)
    for line in first.split(b"\n", LOOKED_AT)[:LOOKED_AT]:
        try:
            found |= dict.fromkeys(_OBJECT.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
    return list(found)


class JsonLineRows:
    """Reads one partition."""

    def __init__(self, files: Files, part: Partition, wanted: Wanted, options: Options) -> None:
        entry = Entry(part.source, part.size, part.etag)
        there = columns_of(files, entry) if "*" in options.keep else []
        self._kept = kept_names(options.id, options.keep, there)
        self._id = options.id
        self._as_json = (options.to or "jsonl") == "jsonl"
        self._part = part
        self._wanted = wanted
        self._plain = JsonRows(wanted.fields)
        self._blocks = blocks(files, entry, (part.first, part.last), last_line_end)
        self._schema = pa.schema([(field.name, read_as(field)) for field in wanted.fields])

    def chunks(self, rows: int) -> Iterator[Chunk]:
        """Of at most so many rows."""
        at = self._part.row
        for block in self._blocks:
            data = block.data
            if not block.first and data.startswith(BOM):
                data = b" " * len(BOM) + data[len(BOM) :]
            lines = _Lines(data)
            where = Where(
                np.arange(at, at + len(lines)) if at else lines.starts + block.first, bool(at)
            )
            chunk = self._chunk(lines, where)
            at += len(lines) if at else 0
            yield from chunk.cut(rows, chunk.refused, lambda table: table)

    def _chunk(self, lines: "_Lines", where: Where) -> Chunk:
        table = self._fast(lines)
        odd = np.ones(len(lines), np.bool_)
        if table is None:
            table = _nothing(self._schema, len(lines))
        else:
            odd = self._wanted.suspicious(table, finite=True)
            for field in self._wanted.fields:
                odd |= nulls(plain(table[field.name]))
        kept = self._kept_of(lines)
        chunk = Chunk(table, kept, where, id=self._id)

        def read(place: int) -> Row:
            return self._read(lines[place])

        return mended(chunk, odd, read, self._wanted, self._wanted.fields)

    def _fast(self, lines: "_Lines") -> pa.Table | None:
        """None if there is a line that is not an object of the right types."""
        try:
            lines.data.decode()
            table = arrow_json.read_json(
                pa.BufferReader(lines.data),
                arrow_json.ReadOptions(use_threads=False, block_size=len(lines.data) + 1),
                arrow_json.ParseOptions(
                    explicit_schema=self._schema, unexpected_field_behavior="ignore"
                ),
            )
        except (pa.ArrowInvalid, UnicodeDecodeError):
            return None
        return table if len(table) == len(lines) else None

    def _read(self, line: bytes) -> Row:
        """One row, its other values taken away."""
        try:
            told = _OBJECT.decode(line)
        except msgspec.DecodeError as error:
            raise self._no_object(line, error) from None
        except UnicodeDecodeError:
            raise RequestError(REQUEST, "a text in it is no UTF-8", "Send UTF-8.") from None
        known = {name: told[name] for name in self._wanted.names if name in told}
        [row], _ = self._plain.read(msgspec.json.encode(known))
        self._wanted.fields.tensors([row])  # raises where only the tensor shows what is wrong
        return row

    def _no_object(self, line: bytes, error: msgspec.DecodeError) -> RequestError:
        try:
            msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return RequestError(REQUEST, f"it is not JSON ({error})")
        todo = f"A row is an object with {listed(self._wanted.fields)}."
        return RequestError(REQUEST, "no object came; a row is wanted", todo)

    def _kept_of(self, lines: "_Lines") -> pa.Table:
        columns: list[list[str | None]] = [[] for _ in self._kept]
        for place in range(len(lines)) if self._kept else ():
            try:
                told = _OBJECT.decode(lines[place])
            except (msgspec.DecodeError, UnicodeDecodeError):
                told = {}
            for column, name in zip(columns, self._kept, strict=True):
                column.append(self._value(told.get(name)))
        kind = pa.string()
        fields = [
            pa.field(name, kind, metadata=RAW if self._as_json else None) for name in self._kept
        ]
        return pa.table([pa.array(each, kind) for each in columns], schema=pa.schema(fields))

    def _value(self, raw: msgspec.Raw | None) -> str | None:
        """The JSON that came; where it is not JSON that goes out, a text is that text."""
        told = "null" if raw is None else bytes(raw).decode()
        if self._as_json:
            return told
        if told.startswith('"'):
            return str(msgspec.json.decode(told))
        return None if told == "null" else told


class _Lines:
    """The lines of a block that are not blank."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == NEWLINE)
        if not data.endswith(b"\n"):
            ends = np.append(ends, len(data))
        starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)
        begun = np.isin(np.frombuffer(data, np.uint8)[starts], list(_BLANK))
        blank = [
            place
            for place in np.flatnonzero(begun)
            if not data[starts[place] : ends[place]].strip(_BLANK)
        ]
        self.starts = np.delete(starts, blank)
        self._ends = np.delete(ends, blank)

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, place: int) -> bytes:
        return self.data[self.starts[place] : self._ends[place]]


def _nothing(schema: pa.Schema, rows: int) -> pa.Table:
    return pa.table([pa.nulls(rows, field.type) for field in schema], schema=schema)
