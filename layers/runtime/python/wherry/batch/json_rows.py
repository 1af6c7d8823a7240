"""
Rows of JSON Lines: a block of lines is decoded at once, and only what fails line by line.

As POST /predict reads one row (wherry.plain.json_rows): an object, each value of its field's type.
Values that the model does not know are ignored here. What is carried through stays the JSON that
came, digit by digit.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import numpy as np
import pyarrow as pa

from wherry.batch.blocks import BOM, blocks, head, last_line_end, without_bom
from wherry.batch.chunks import RAW, Chunk, Where, kept_names
from wherry.batch.columns import Wanted
from wherry.batch.contract import Options, Partition
from wherry.batch.counting import Counted, count_lines
from wherry.batch.files import Entry, Files
from wherry.batch.json_lines import LineDecoder, Lines
from wherry.batch.mending import mended, table_of
from wherry.errors import RequestError
from wherry.plain.faults import REQUEST, listed
from wherry.plain.fields import Row
from wherry.plain.json_rows import JsonRows
from wherry.protocol.signature import quoted

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


def columns_of(files: Files, entry: Entry) -> list[str]:
    """The names in the first lines, in the order in which they come; none if none is an object."""
    found: dict[str, None] = {}
    for line in head(files, entry, last_line_end).removeprefix(BOM).split(b"\n"):
        try:
            found |= dict.fromkeys(_OBJECT.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    return list(found)


def may_have(files: Files, entry: Entry, names: Sequence[str]) -> list[str]:
    """Those of which a line may have a value, as far as the bytes tell, which are read once."""
    left = {name: msgspec.json.encode(name) for name in names}
    found = blocks(files, entry, (0, entry.size), last_line_end) if left else ()
    for block in found:
        if b"\\u" in block.data:  # any may be written so
            return list(names)
        left = {name: told for name, told in left.items() if told not in block.data}
        if not left:
            break
    return [name for name in names if name not in left]


class JsonLineRows:
    """Reads one partition."""

    def __init__(self, files: Files, part: Partition, wanted: Wanted, options: Options) -> None:
        entry = Entry(part.source, part.size, part.etag)
        self._keeps_all = "*" in options.keep
        there = columns_of(files, entry) if self._keeps_all else []
        self._kept = kept_names(options.id, options.keep, there)
        self._id = options.id
        self._as_json = (options.to or "jsonl") == "jsonl"
        self._part = part
        self._wanted = wanted
        self._decoder = LineDecoder(wanted.fields, self._kept, closed=self._keeps_all)
        self._plain = JsonRows(wanted.fields)
        found = blocks(files, entry, (part.first, part.last), last_line_end)
        self._blocks = Counted(map(without_bom, found), count_lines)

    def counted(self) -> int | None:
        """See Reader."""
        return self._blocks.rows()

    def chunks(self, rows: int) -> Iterator[Chunk]:
        """Of at most so many rows."""
        at = self._part.row
        for block in self._blocks:
            lines = Lines(block.data)
            if at:
                where = Where(np.arange(at, at + len(lines)))
                at += len(lines)
            else:
                where = Where(lines.starts + block.first, counted=False)
            chunk = self._chunk(lines, where)
            yield from chunk.cut(rows, chunk.refused, lambda table: table)

    def _chunk(self, lines: Lines, where: Where) -> Chunk:
        told = self._decoder.decode(lines)
        odd = np.zeros(len(lines), np.bool_)
        odd[list(told.failed)] = True
        fields = self._wanted.fields
        try:
            table = table_of(told.fields, fields)
        except (OverflowError, pa.ArrowInvalid):  # a number that no column holds
            table = table_of([[None] * len(lines)] * len(fields), fields)
            odd[:] = True
        chunk = Chunk(table, self._kept_of(told.kept), where, id=self._id)
        odd |= self._wanted.suspicious(table, finite=True)

        def read(place: int) -> Row:
            return self._read(lines[place])

        return mended(chunk, odd, read, self._wanted, fields)

    def _read(self, line: bytes) -> Row:
        """One row, its other values taken away."""
        try:
            self._decoder.check(line)
            told = _OBJECT.decode(line)
        except msgspec.DecodeError as error:
            raise self._no_object(line, error) from None
        except UnicodeDecodeError:
            raise RequestError(REQUEST, "a text in it is no UTF-8", "Send UTF-8.") from None
        except RecursionError:
            raise RequestError(REQUEST, "it is nested too deeply") from None
        if self._keeps_all:
            self._check_known(told)
        known = {name: told[name] for name in self._wanted.names if name in told}
        [row], _ = self._plain.read(msgspec.json.encode(known))
        self._wanted.fields.tensors([row])  # raises where only the tensor shows what is wrong
        return row

    def _check_known(self, names: Iterable[str]) -> None:
        """A column that is to be kept, and that nobody knew of, is not lost unnoticed."""
        known = {*self._kept, *self._wanted.names}
        for name in names:
            if name not in known:
                raise RequestError(
                    quoted(name), "all is to be kept, and the first lines did not have it",
                    "Name the columns to keep.",
                )  # fmt: skip

    def _no_object(self, line: bytes, error: msgspec.DecodeError) -> RequestError:
        try:
            msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return RequestError(REQUEST, f"it is not JSON ({error})")
        todo = f"A row is an object with {listed(self._wanted.fields)}."
        return RequestError(REQUEST, "no object came; a row is wanted", todo)

    def _kept_of(self, columns: Sequence[Sequence[msgspec.Raw]]) -> pa.Table:
        """The JSON that came; where it is not JSON that goes out, a text is that text."""
        kind, marked = pa.string(), RAW if self._as_json else None
        fields = [pa.field(name, kind, metadata=marked) for name in self._kept]
        read = bytes if self._as_json else _as_text
        told = [pa.array(map(read, column), kind, size=len(column)) for column in columns]
        return pa.table(told, schema=pa.schema(fields))


def _as_text(raw: msgspec.Raw) -> bytes | None:
    told = bytes(raw)
    if told.startswith(b'"'):
        text: str = msgspec.json.decode(told)
        return text.encode()
    return None if told == b"null" else told
