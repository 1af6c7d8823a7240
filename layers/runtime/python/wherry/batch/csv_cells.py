"""
CSV, cell by cell: its header line, records that are none, and texts that are plainly numbers.

The reader of the standard library is the judge of what is CSV, as it is of what comes by POST.
"""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wherry.batch.arrays import Mask
from wherry.batch.blocks import BOM, long_cells
from wherry.batch.columns import read_as
from wherry.errors import RefusedError
from wherry.plain.fields import Field

UNENDED = "unexpected end of data"  # the reader's words

_NUMBER = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
_WHOLE = {"i": r"^\s*-?[0-9]{1,18}\s*$", "u": r"^\s*[0-9]{1,18}\s*$"}


class OpenQuote:
    """A quote is opened in a row, and all that is left is in it: nobody knows how many rows."""


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
        reader = csv.reader(StringIO(line.decode(), newline=""), strict=True)
        names, more = next(reader, []), any(reader)
    except UnicodeDecodeError:
        raise RefusedError(where, "its header line is no UTF-8", "Save it as UTF-8.") from None
    except csv.Error as error:
        raise RefusedError(where, f"its header line is no CSV ({error})") from None
    if more:  # rows would be taken for a part of the header
        raise RefusedError(
            where, "it cannot be told where its header line ends",
            "End each line with a line feed, and close each quote.",
        )  # fmt: skip
    return names


def records(data: bytes, width: int) -> Iterator[list[str] | str | OpenQuote]:
    """The cells of each row, or why it is none; at the end, a quote that swallowed the rest."""
    with long_cells():
        yield from _records(data.decode(errors="surrogateescape"), width)


def _records(text: str, width: int) -> Iterator[list[str] | str | OpenQuote]:
    is_utf8 = _is_utf8(text)
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            lines = reader.line_num - line
            if lines > 1 and str(error) == UNENDED:
                yield OpenQuote()
                return
            more = f"; it is {lines} lines, by its quotes" if lines > 1 else ""
            yield f"it is not CSV ({error}{more})"
            continue
        if not cells:
            continue
        if len(cells) != width:
            yield f"{len(cells)} cells came; {width} are wanted"
        elif not is_utf8 and not all(map(_is_utf8, cells)):
            yield "a cell is no UTF-8. Send UTF-8."
        else:
            yield cells


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def plainly_typed(texts: dict[str, pa.Array], fields: Sequence[Field]) -> tuple[pa.Table, Mask]:
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
