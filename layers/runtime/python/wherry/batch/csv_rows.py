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
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from wherry.batch.blocks import BOM, NEWLINE, QUOTE, RETURN, blocks, head, is_gzip
from wherry.batch.blocks import last_record_end as record_end
from wherry.batch.chunks import Chunk, Where, kept_names
from wherry.batch.columns import Mask, Wanted, read_as, single, spread_names
from wherry.batch.contract import Options, Partition, Refusal
from wherry.batch.files import Entry, Files
from wherry.batch.mending import mended
from wherry.errors import RefusedError
from wherry.plain.csv_rows import CsvRows
from wherry.plain.fields import Field, Row

COMMA = ord(",")

_NUMBER = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
_WHOLE = {"i": r"^\s*-?[0-9]{1,18}\s*$", "u": r"^\s*[0-9]{1,18}\s*$"}


def header(data: bytes, where: str) -> tuple[list[str], int]:
    """The names of the columns, and where the rows begin in what an object begins with."""
    start = 0
    body = data.removeprefix(BOM)
    while line := body[start:]:
        end = _first_end(line)
        names = _cells(line[:end], where)
        start += end
        if names:
            return [name.strip() for name in names], start + len(data) - len(body)
    raise RefusedError(where, "it has no header line", "Name its columns in the first line.")


def _first_end(data: bytes) -> int:
    at = -1
    while (at := data.find(b"\n", at + 1)) >= 0:
        if data.count(b'"', 0, at) % 2 == 0:
            return at + 1
    return len(data)


def _cells(line: bytes, where: str) -> list[str]:
    try:
        return next(csv.reader(StringIO(line.decode(), newline=""), strict=True), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise RefusedError(where, f"its header line is no CSV ({error})") from None


class CsvFileRows:
    """Reads one partition."""

    def __init__(self, files: Files, part: Partition, wanted: Wanted, options: Options) -> None:
        entry = Entry(part.source, part.size, part.etag)
        names, begins = header(head(files, entry, record_end), part.source)
        self._names, self._id = names, options.id
        read = wanted.columns(names, part.source)
        self._kept = kept_names(options.id, options.keep, names)
        self._fields = flat(wanted, read)
        self._wanted = wanted
        self._part = part
        self._begins = begins if is_gzip(part.source) else 0
        self._blocks = blocks(files, entry, (part.first, part.last), record_end)
        self._plain = CsvRows(cast("Any", self._fields))
        self._is_whole = any(field.dtype.kind in "iu" for field in self._fields)

    def chunks(self, rows: int) -> Iterator[Chunk]:
        """Of at most so many rows."""
        at = self._part.row
        for block in self._blocks:
            data = block.data if block.first else block.data[self._begins :]
            chunk, refused, count = self._chunk(data, at)
            at += count
            yield from chunk.cut(rows, refused, self._wanted.gathered)

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
        return b'"' in data and not _well_quoted(np.frombuffer(data, np.uint8))

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
        number = at
        for cells in _records(data, len(self._names)):
            if isinstance(cells, str):
                refused.append(Refusal(row=number, reason=cells))
            else:
                rows.append(cells)
                numbers.append(number)
            number += 1
        columns = dict(zip(self._names, zip(*rows, strict=True), strict=True)) if rows else {}
        texts = {name: pa.array(columns.get(name, ()), pa.string()) for name in self._names}
        typed, odd = _typed(texts, self._fields)
        odd |= self._wanted.suspicious_of(self._fields, typed, finite=True)
        kept = self._kept_of(typed, texts)
        chunk = Chunk(typed, kept, Where(np.array(numbers, np.int64)), id=self._id)
        places = [self._names.index(field.name) for field in self._fields]

        def read(place: int) -> Row:
            return self._read([rows[place][column] for column in places])

        whole = mended(chunk, odd, read, self._wanted, self._fields)
        return whole, [*refused, *whole.refused], number - at

    def _kept_of(self, typed: pa.Table, texts: dict[str, pa.Array]) -> pa.Table:
        """As `_fast` reads them: what is a field too has its type."""
        fields = {field.name for field in self._fields}
        columns = [typed[name] if name in fields else texts[name] for name in self._kept]
        return pa.table(columns, names=self._kept)

    def _read(self, cells: Sequence[str]) -> Row:
        file = StringIO(newline="")
        csv.writer(file, lineterminator="\n").writerows([self._fields.names, cells])
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


def _well_quoted(data: NDArray[np.uint8]) -> bool:
    """Whether quotes begin and end cells, or are doubled within them."""
    quotes = np.flatnonzero(data == QUOTE)
    if len(quotes) % 2:
        return False
    edges = (COMMA, NEWLINE, RETURN, QUOTE)
    around = np.concatenate([[NEWLINE], data, [NEWLINE]])
    before, after = around[quotes[::2]], around[quotes[1::2] + 2]
    return bool(np.isin(before, edges).all() and np.isin(after, edges).all())


def _records(data: bytes, width: int) -> Iterator[list[str] | str]:
    """The cells of each row, or why it is none."""
    text = data.decode(errors="surrogateescape")
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield f"it is not CSV ({error})"
            continue
        if not cells:
            continue
        if len(cells) != width:
            yield f"{len(cells)} cells came; {width} are wanted"
        elif any(not _is_utf8(cell) for cell in cells):
            yield "a cell is no UTF-8. Send UTF-8."
        else:
            yield cells


def _is_utf8(cell: str) -> bool:
    try:
        cell.encode()
    except UnicodeEncodeError:
        return False
    return True


def _typed(texts: dict[str, pa.Array], fields: Sequence[Field]) -> tuple[pa.Table, Mask]:
    """Columns with nothing where a cell is not plainly of its type, and in which rows that is."""
    odd = np.zeros(len(next(iter(texts.values()))), np.bool_)
    columns = []
    for field in fields:
        cells = texts[field.name]
        kind = field.dtype.kind
        if kind == "O":
            columns.append(cells)
            continue
        if kind == "b":
            cells = pc.utf8_lower(pc.utf8_trim_whitespace(cells))
            plainly = pc.is_in(cells, pa.array(["true", "false"]))
        else:
            plainly = pc.match_substring_regex(cells, _WHOLE.get(kind, _NUMBER))
        trimmed = pc.utf8_trim_whitespace(pc.if_else(plainly, cells, None))
        columns.append(trimmed.cast(read_as(field)))
        odd |= ~plainly.to_numpy(zero_copy_only=False)
    return pa.table(columns, names=[field.name for field in fields]), odd
