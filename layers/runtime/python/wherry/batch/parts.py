"""
Where parts of an object begin and end, and how many rows they have, where that is known.

It knows no model and no columns: sizes of row groups come in, or bytes, and places go out.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wherry.batch.blocks import blocks, last_line_end, last_record_end, without_bom
from wherry.batch.counting import Ends, line_ends, record_ends, tells_rows
from wherry.batch.files import Entry, Files

LOOK = 64 << 10  # bytes at a time, for the end of a line


class Part(NamedTuple):
    """Of one object; see contract.Partition."""

    first: int
    last: int
    row: int = 0
    rows: int = 0
    skip: int = 0


class Most(NamedTuple):
    """Of a part: as many bytes, about, and no more rows, where these are bounded (else 0)."""

    bytes: int
    rows: int = 0


def even(size: int, most: int) -> int:
    """Of each part, so that the last is not a small rest that others wait for."""
    return -(-size // -(-size // most))


def gathered(sizes: Iterable[tuple[int, int]], most: Most) -> Iterator[Part]:
    """
    Neighbours put together, one by one in `sizes` of bytes and rows; one that has more rows than a
    part may have is shared by several, of which each passes over the rows before its own.
    """
    first, held, row, rows, last = 0, 0, 1, 0, 0
    for last, (size, more) in enumerate(sizes):
        is_large = 0 < most.rows < more
        is_full = held + size > most.bytes or 0 < most.rows < rows + more
        if rows and (is_full or is_large):
            yield Part(first, last, row, rows)
            first, row, held, rows = last, row + rows, 0, 0
        if is_large:
            yield from _shared(last, row, more, even(more, most.rows))
            first, row = last + 1, row + more
            continue
        held += size
        rows += more
    if rows:
        yield Part(first, last + 1, row, rows)


def _shared(place: int, row: int, rows: int, each: int) -> Iterator[Part]:
    for skip in range(0, rows, each):
        yield Part(place, place + 1, row + skip, min(each, rows - skip), skip)


def line_parts(files: Files, entry: Entry, part_bytes: int) -> Iterator[Part]:
    """Each ends with the line that its last byte is in; only there is the object read."""
    first, source = 0, files.open(entry)
    while first < entry.size:
        last = _line_end(source, min(first + part_bytes, entry.size) - 1, entry.size)
        yield Part(first, last, 0 if first else 1)
        first = last


def _line_end(source: Any, at: int, size: int) -> int:
    source.seek(at)
    while at < size:
        data = source.read(min(LOOK, size - at))
        found = data.find(b"\n")
        if found >= 0:
            return at + int(found) + 1
        at += len(data)
    return size


def counted_line_parts(files: Files, entry: Entry, most: Most) -> Iterator[Part]:
    """Each ends with a line; what has been counted is known of each part."""
    found = (
        (block.first, line_ends(without_bom(block).data), True)
        for block in blocks(files, entry, (0, entry.size), last_line_end)
    )
    yield from _counted_parts(found, (0, entry.size), most)


def csv_parts(files: Files, entry: Entry, begins: int, most: Most) -> Iterator[Part]:
    """Each ends with a record; what has been counted is known of each part."""
    found = (
        (block.first, record_ends(block.data), tells_rows(block.data))
        for block in blocks(files, entry, (begins, entry.size), last_record_end)
    )
    yield from _counted_parts(found, (begins, entry.size), most)


def _counted_parts(
    found: Iterable[tuple[int, Ends, bool]], span: tuple[int, int], most: Most
) -> Iterator[Part]:
    """
    Rows are counted on the way, so that each part knows its first, and how many it has: 0 from
    where these cannot be told. `found` are blocks: where one begins, its ends, and that.
    """
    first, row, rows, counts = span[0], 1, 0, True
    for at, ends, tells in found:
        counts = counts and tells
        upto = rows + np.cumsum(ends.filled)
        for place in _cuts(ends.at + at, upto, (first, row - 1), most):
            last = int(ends.at[place]) + at
            yield Part(first, last, row, counts * (int(upto[place]) + 1 - row))
            first, row = last, int(upto[place]) + 1
        rows = int(upto[-1]) if len(upto) else rows
    yield Part(first, span[1], row, counts * (rows + 1 - row))


def _cuts(
    ends: NDArray[np.intp], upto: NDArray[np.intp], done: tuple[int, int], most: Most
) -> Iterator[int]:
    """
    Places of the ends at which parts end. `upto` are the rows up to each end, `done` the bytes and
    rows that are in parts already.
    """
    while True:
        place = int(np.searchsorted(ends, done[0] + most.bytes))
        if most.rows:
            place = min(place, int(np.searchsorted(upto, done[1] + most.rows)))
        if place >= len(ends):
            return
        yield place
        done = int(ends[place]), int(upto[place])
