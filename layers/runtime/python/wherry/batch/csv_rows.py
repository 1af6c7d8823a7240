"""
Rows of CSV: a block of them is read at once, and only a block with something odd row by row.

As POST /predict reads CSV (wherry.plain.csv_rows): the header names the columns, in any order;
UTF-8, commas, quotes as in RFC 4180; blank lines are passed over. Columns that the model does not
know are ignored here. Where pyarrow would take what that refuses (`nan`, `0x1F`, text after a
closing quote), the block is looked at again.
"""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from wherry.batch.blocks import Block, blocks, head, is_gzip, last_record_end, well_quoted
from wherry.batch.chunks import Chunk, Where, kept_names
from wherry.batch.columns import Wanted, read_as, single
from wherry.batch.contract import Options, Partition, Refusal
from wherry.batch.counting import Counted, Records
from wherry.batch.csv_cells import OpenQuote, header, plainly_typed, records
from wherry.batch.files import Entry, Files
from wherry.batch.lists import spread_names
from wherry.batch.mending import mended
from wherry.errors import RefusedError
from wherry.plain.csv_rows import CsvRows
from wherry.plain.fields import Field, Row


class CsvFileRows:
    """Reads one partition."""

    def __init__(self, files: Files, part: Partition, wanted: Wanted, options: Options) -> None:
        entry = Entry(part.source, part.size, part.etag)
        names, begins = header(head(files, entry, last_record_end), part.source)
        self._names, self._id = names, options.id
        read = wanted.columns(names, part.source, "csv")
        self._kept = kept_names(options.id, options.keep, names)
        self._fields = flat(wanted, read)
        self._wanted = wanted
        self._part = part
        self._begins = begins if is_gzip(part.source) else 0
        ends = Records()
        found = blocks(files, entry, (part.first, part.last), ends.end)
        self._blocks = Counted(map(self._without_header, found), ends.count)
        self._plain = CsvRows(cast("Any", self._fields))
        self._is_whole = any(field.dtype.kind in "iu" for field in self._fields)

    def chunks(self, rows: int) -> Iterator[Chunk]:
        """Of at most so many rows."""
        at = self._part.row
        for block in self._blocks:
            chunk, refused, count = self._chunk(block.data, at)
            at += count
            yield from chunk.cut(rows, refused, self._wanted.gathered)

    def counted(self) -> int | None:
        """See Reader."""
        return self._blocks.rows()

    def _without_header(self, block: Block) -> Block:
        return block if block.first else Block(block.data[self._begins :], self._begins)

    def _chunk(self, data: bytes, at: int) -> tuple[Chunk, Sequence[Refusal], int]:
        """Also rows that are none, and how many rows there were in all."""
        table = None if self._is_odd(data) else self._fast(data)
        if table is None:
            return self._slow(data, at)
        cells = table.select(self._kept)
        typed = table.select([field.name for field in self._fields])
        chunk = Chunk(typed, cells, Where(np.arange(at, at + len(table))), id=self._id)
        odd = self._wanted.suspicious_of(self._fields, typed, finite=True)
        if odd.any():
            return self._slow(data, at)
        return chunk, (), len(table)

    def _is_odd(self, data: bytes) -> bool:
        if self._is_whole and (b"0x" in data or b"0X" in data):
            return True
        return b'"' in data and not well_quoted(np.frombuffer(data, np.uint8))

    def _fast(self, data: bytes) -> pa.Table | None:
        """None if a cell is not of its column's type, or a line has too few or too many cells."""
        types = {name: pa.string() for name in self._kept}
        types |= {field.name: read_as(field) for field in self._fields}
        columns = [str(place) for place in range(len(self._names))]
        named = {str(self._names.index(name)): name for name in types}
        try:
            table = arrow_csv.read_csv(
                pa.py_buffer(data),
                arrow_csv.ReadOptions(
                    use_threads=False, block_size=len(data) + 1, column_names=columns
                ),
                arrow_csv.ParseOptions(newlines_in_values=b'"' in data),
                arrow_csv.ConvertOptions(
                    column_types={place: types[name] for place, name in named.items()},
                    include_columns=list(named),
                    null_values=[""],
                    true_values=["true", "True", "TRUE"],
                    false_values=["false", "False", "FALSE"],
                ),
            )
        except pa.ArrowInvalid:
            return None
        return table.rename_columns(list(named.values()))

    def _slow(self, data: bytes, at: int) -> tuple[Chunk, Sequence[Refusal], int]:
        rows: list[list[str]] = []
        numbers: list[int] = []
        refused: list[Refusal] = []
        for number, cells in enumerate(records(data, len(self._names)), at):
            if isinstance(cells, OpenQuote):
                raise RefusedError(
                    self._part.source, f"a quote that is opened in row {number} is never closed",
                    "Close it, or double it where it is a part of a text.",
                )  # fmt: skip
            if isinstance(cells, str):
                refused.append(Refusal(row=number, reason=cells))
            else:
                rows.append(cells)
                numbers.append(number)
        columns = list(zip(*rows, strict=True)) or [()] * len(self._names)
        texts = {
            name: pa.array(cells, pa.string())
            for name, cells in zip(self._names, columns, strict=True)
        }
        table, odd = plainly_typed(texts, self._fields)
        odd |= self._wanted.suspicious_of(self._fields, table, finite=True)
        where = Where(np.array(numbers, np.int64))
        chunk = Chunk(table, self._kept_of(table, texts), where, id=self._id)
        places = [self._names.index(field.name) for field in self._fields]

        def read(place: int) -> Row:
            return self._read([rows[place][column] for column in places])

        whole = mended(chunk, odd, read, self._wanted, self._fields)
        return whole, [*refused, *whole.refused], len(rows) + len(refused)

    def _kept_of(self, typed: pa.Table, texts: dict[str, pa.Array]) -> pa.Table:
        """As `_fast` reads them: what is a field too has its type."""
        fields = {field.name for field in self._fields}
        columns = [typed[name] if name in fields else texts[name] for name in self._kept]
        return pa.table(columns, names=self._kept)

    def _read(self, cells: Sequence[str]) -> Row:
        file = StringIO(newline="")
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([self._fields.names, cells])
        [row] = self._plain.read(file.getvalue().encode(), 1)
        return row


class FlatFields(tuple[Field, ...]):
    """Fields whose lists are spread over columns of single values."""

    __slots__ = ()

    @property
    def names(self) -> list[str]:
        return [field.name for field in self]


def flat(wanted: Wanted, names: Sequence[str]) -> FlatFields:
    """A field for each column that is read."""
    found: list[Field] = []
    for field in wanted.fields:
        spread = spread_names(field)
        if spread and field.name in names:
            raise RefusedError(
                f"column {field.name!r}", "a cell holds no list",
                f"Spread it over columns {spread[0]!r} to {spread[-1]!r}, or use JSON Lines.",
            )  # fmt: skip
        one = single(field)
        found += [single(field, name) for name in spread] if spread else [one]
    return FlatFields(found)
