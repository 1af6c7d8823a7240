"""
Text, read a few megabytes at a time, each block ending where a row does.

In CSV a newline within quotes ends no row. A quote in a quoted cell is doubled, so whether a byte
is within quotes is told by how many quotes came before it: odd or even. Where a cell that is not
quoted has a quote, that does not hold, and records are read to be told.
"""

import csv
import gzip
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wherry.batch.files import Entry, Files
from wherry.errors import RefusedError

BLOCK = 4 << 20
HEAD = 256 << 10
LONGEST = 64 << 20  # of a row
BOM = b"\xef\xbb\xbf"
NEWLINE, RETURN, QUOTE, COMMA = b'\n\r",'

Ends = Callable[[bytes], int]


class Block(NamedTuple):
    """Whole rows, and where in the object, as it is once decompressed, they begin."""

    data: bytes
    first: int


def last_line_end(data: bytes) -> int:
    """How much of it is whole lines."""
    return data.rfind(b"\n") + 1


def last_record_end(data: bytes) -> int:
    """How much of it is whole records of CSV."""
    if b'"' not in data:
        return last_line_end(data)
    ends = csv_ends(data)
    return int(ends[-1]) if len(ends) else 0


def csv_ends(data: bytes) -> NDArray[np.intp]:
    """Where the records end that it begins with, with their newlines."""
    whole = np.frombuffer(data, np.uint8)
    if b'"' not in data or _is_plain(whole, np.flatnonzero(whole == QUOTE)):
        return record_ends(whole, quoted=False) + 1
    ends = np.fromiter((end for end, _ in read_records(data)), np.intp)
    found: NDArray[np.intp] = ends[whole[ends - 1] == NEWLINE]
    return found


@contextmanager
def long_cells() -> Iterator[None]:
    """A cell is as long as its row may be; the reader's own limit is that of all the process."""
    before = csv.field_size_limit(LONGEST + 2 * BLOCK)  # as much as is ever held
    try:
        yield
    finally:
        csv.field_size_limit(before)


def read_records(data: bytes) -> Iterator[tuple[int, bool]]:
    """
    Where each record ends, and whether it is not blank, as the standard library reads it: to that,
    a quote in the middle of a cell is a character. Of the last one, no end is told if it may go on.
    """
    with long_cells():
        yield from _read_records(data.splitlines(keepends=True))


def _read_records(lines: list[bytes]) -> Iterator[tuple[int, bool]]:
    reader = csv.reader((line.decode("latin-1") for line in lines), strict=True)
    end = done = 0
    while True:
        is_filled = True
        try:
            is_filled = bool(next(reader))
        except StopIteration:
            return
        except csv.Error:
            if reader.line_num == len(lines):
                return  # it may go on
        end += sum(map(len, lines[done : reader.line_num]))
        done = reader.line_num
        if lines[done - 1].endswith((b"\n", b"\r")):
            yield end, is_filled


def well_quoted(data: NDArray[np.uint8]) -> bool:
    """Whether quotes begin and end cells, or are doubled within them."""
    quotes = np.flatnonzero(data == QUOTE)
    return not len(quotes) % 2 and _is_plain(data, quotes)


def _is_plain(data: NDArray[np.uint8], quotes: NDArray[np.intp]) -> bool:
    """The same, but that the last cell may go on: all of it is looked at, not its whole records."""
    edges = (COMMA, NEWLINE, RETURN, QUOTE)
    around = np.concatenate([[NEWLINE], data, [NEWLINE]])
    before, after = around[quotes[::2]], around[quotes[1::2] + 2]
    return bool(np.isin(before, edges).all() and np.isin(after, edges).all())


def record_ends(data: NDArray[np.uint8], *, quoted: bool) -> NDArray[np.intp]:
    """Where newlines end records; `quoted` says whether it begins within quotes."""
    ends = np.flatnonzero(data == NEWLINE)
    quotes = np.flatnonzero(data == QUOTE)
    if not len(quotes) and not quoted:
        return ends
    within = (np.searchsorted(quotes, ends) + quoted) % 2
    outside: NDArray[np.intp] = ends[within == 0]
    return outside


def blocks(
    files: Files, entry: Entry, span: tuple[int, int], ends: Ends, *, size: int = BLOCK
) -> Iterator[Block]:
    """Of the bytes from one place to another, or of all that is compressed; `size` at a time."""
    first, last = span
    source = files.open(entry)
    if is_gzip(entry.key):
        yield from _whole(_inflated(entry.key, source, size), 0, entry.key, ends)
    else:
        source.seek(first)
        yield from _whole(_pieces(source, entry.key, last - first, size), first, entry.key, ends)


def is_gzip(key: str) -> bool:
    return key.lower().endswith(".gz")


def _whole(pieces: Iterator[bytes], first: int, key: str, ends: Ends) -> Iterator[Block]:
    held = b""
    for piece in pieces:
        held = held + piece if held else piece
        end = ends(held)
        if end:
            yield Block(held[:end], first)
            held, first = held[end:], first + end
        elif len(held) > LONGEST:
            raise RefusedError(
                key, f"a row that begins at byte {first} is over {LONGEST} bytes",
                "Look there for a quote that is not closed, or a line that is not ended.",
            )  # fmt: skip
    if held:
        yield Block(held, first)


def _pieces(source: Any, key: str, left: int, size: int) -> Iterator[bytes]:
    while left > 0:
        data: bytes = source.read(min(size, left))
        if not data:  # what is missing would be missed by nobody
            raise RefusedError(key, f"it ends {left} bytes too early", "Start a new run.")
        left -= len(data)
        yield data


def _inflated(key: str, source: Any, size: int) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=pa.BufferedInputStream(source, size)) as file:
            while data := file.read(size):
                yield data
    except (OSError, EOFError, zlib.error) as error:
        raise RefusedError(key, f"it is no whole gzip file ({error})") from None


def without_bom(block: Block) -> Block:
    """A byte order mark at the beginning of an object is as good as a blank."""
    if block.first or not block.data.startswith(BOM):
        return block
    return Block(b" " * len(BOM) + block.data[len(BOM) :], block.first)


def head(files: Files, entry: Entry, ends: Ends) -> bytes:
    """The first whole rows of an object: a block of them; RefusedError if it is no UTF-8."""
    found = blocks(files, entry, (0, entry.size), ends, size=HEAD)
    data = next(found, Block(b"", 0)).data
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or b"\0" in data[:2]:
        raise RefusedError(entry.key, "it is UTF-16", "Save it as UTF-8.")
    return data
