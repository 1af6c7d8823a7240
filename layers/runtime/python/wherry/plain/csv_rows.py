"""
Rows in CSV: a header line that names the columns in any order, then one line a row.

UTF-8 (a byte order mark may lead), commas, quotes as in RFC 4180; blank lines are passed over. Each
cell is read as its column's type, and an error names row and column. A cell holds one value: models
whose fields are lists take JSON.

So many lines are read at once, and become values before more are. Python's collector goes through
all lists that are kept, again and again while others come: with one for each of millions of rows,
or one of all of them, it took most of the time, and more for each row the more there were. It does
not go through tuples of texts and numbers, so values are kept in those.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO, TextIOWrapper
from itertools import islice
from math import nan
from typing import Any

from wherry.errors import RequestError, TooLargeError
from wherry.plain.faults import REQUEST, listed, out_of_range, unknown, wanted
from wherry.plain.fields import Field, Fields, Row, bounds_of
from wherry.protocol.signature import quoted

AT_ONCE = 1024  # rows
Columns = tuple[tuple[Any, ...], ...]

# Python would take "nan", "1_000" and the digits of other scripts too.
_ODD = re.compile(r"[^0-9eE+.\s-]", re.ASCII)
_TRUTH = {"true": True, "false": False}
_READ: Mapping[str, Callable[[str], Any]] = {
    "f": float, "i": int, "u": int, "b": lambda cell: _TRUTH[cell.strip().lower()],
}  # fmt: skip


class CsvRows:
    """Reads the CSV rows of one model."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def read(self, body: bytes, most: int) -> list[Row]:
        """Stop at `most` rows."""
        for field in self._fields:
            if field.shape:
                raise RequestError(quoted(field.name), "a cell holds no list", "Send JSON rows.")
        lines = _lines(body)
        order = _order(next(lines, []), self._fields)
        whole = _whole(lines, len(order))
        read: list[Columns] = []
        count = 0
        while some := list(islice(whole, min(AT_ONCE, most + 1 - count))):
            read.append(self._columns(some, order, count + 1))
            count += len(some)
        if count > most:
            raise TooLargeError(REQUEST, f"it has over {most} rows")
        return [row for columns in read for row in zip(*columns, strict=True)]

    def _columns(self, rows: Sequence[Sequence[str]], order: Sequence[int], first: int) -> Columns:
        """The values of some rows, of which the first has that number."""
        cells = list(zip(*rows, strict=True))
        return tuple(
            tuple(_column(field, cells[place], first))
            for field, place in zip(self._fields, order, strict=True)
        )


def _column(field: Field, cells: Sequence[str], first: int) -> Sequence[Any]:
    kind = field.dtype.kind
    if kind == "O":
        return cells
    read = _number_or_nan if field.may_be_missing else _READ[kind]
    try:
        if kind != "b" and _ODD.search(" ".join(cells)):
            raise ValueError  # noqa: TRY301 - the same search follows
        values = [read(cell) for cell in cells]
    except (ValueError, KeyError):
        raise _fault(field, cells, read, first) from None
    _check_range(field, values, first)
    return values


def _lines(body: bytes) -> Iterator[list[str]]:
    try:
        body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(REQUEST, f"byte {error.start + 1} is no UTF-8", "Send UTF-8.") from None
    reader = csv.reader(TextIOWrapper(BytesIO(body), "utf-8-sig", newline=""), strict=True)
    try:
        yield from filter(None, reader)
    except csv.Error as error:
        raise RequestError(f"line {reader.line_num}", f"it is not CSV ({error})") from None


def _order(header: Sequence[str], fields: Fields) -> list[int]:
    """Where each field's column is."""
    names = [name.strip() for name in header]
    places = {name: place for place, name in enumerate(names)}
    known = set(fields.names)
    for name in places:
        if name not in known:
            raise unknown("the header line", name, "column", fields)
    if len(places) < len(names):
        again = next(name for place, name in enumerate(names) if places[name] != place)
        raise RequestError("the header line", f"{quoted(again)} came twice")
    missing = [field for field in fields if field.name not in places]
    if missing:
        raise RequestError("the header line", f"{listed(missing)} did not come")
    return [places[name] for name in fields.names]


def _whole(lines: Iterator[list[str]], width: int) -> Iterator[list[str]]:
    for row, cells in enumerate(lines, 1):
        if len(cells) != width:
            raise RequestError(f"row {row}", f"{len(cells)} cells came; {width} are wanted")
        yield cells


def _number_or_nan(cell: str) -> float:
    return float(cell) if cell.strip() else nan


def _fault(
    field: Field, cells: Sequence[str], read: Callable[[str], Any], first: int
) -> RequestError:
    for row, cell in enumerate(cells, first):
        try:
            if field.dtype.kind == "b" or not _ODD.search(cell):
                read(cell)
                continue
        except (ValueError, KeyError):
            pass
        came = quoted(cell) if cell.strip() else "an empty cell"
        return RequestError(_cell(row, field), f"{came} came; {wanted(field)}")
    raise AssertionError  # a cell was found at fault before


def _check_range(field: Field, values: Sequence[Any], first: int) -> None:
    bounds = bounds_of(field.dtype)
    if bounds is None:
        return
    low, high = bounds
    for row, value in enumerate(values, first):
        if value < low or value > high:
            raise out_of_range(_cell(row, field), field)


def _cell(row: int, field: Field) -> str:
    return f"row {row}, column {quoted(field.name)}"
