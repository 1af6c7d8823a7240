"""
One object, held against the model and cut into parts that are done each by itself.

Parquet is cut at its row groups, by its footer alone. JSON Lines are cut at newlines, by a few
small reads. In CSV a newline may be in a quoted cell, so a large one is read through once to be
cut. What is compressed as a whole cannot be cut.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wherry.batch.absent import not_kept
from wherry.batch.blocks import RETURN, blocks, csv_ends, head, is_gzip, last_record_end
from wherry.batch.chunks import kept_names
from wherry.batch.columns import Wanted
from wherry.batch.contract import Format, Options
from wherry.batch.files import Entry, Files
from wherry.batch.results import Results
from wherry.errors import RefusedError
from wherry.protocol.signature import quoted

PART_BYTES = 64 << 20
LOOK = 64 << 10  # bytes at a time, for the end of a line


class Part(NamedTuple):
    """Of one object; see contract.Partition."""

    first: int
    last: int
    row: int = 0
    rows: int = 0


@dataclass(frozen=True)
class Cutter:
    """Knows what a run wants of each object."""

    files: Files
    wanted: Wanted
    results: Results
    options: Options
    part_bytes: int

    def cut(self, entry: Entry, format_: Format) -> list[Part]:
        """RefusedError if it lacks a column."""
        cut = {"parquet": self._parquet, "csv": self._csv, "jsonl": self._json}[format_]
        return [part for part in cut(entry) if part.first < part.last]

    def _parquet(self, entry: Entry) -> Iterator[Part]:
        from wherry.batch.parquet_rows import check_types, opened

        with opened(self.files, entry) as file:
            names: list[str] = file.schema_arrow.names
            check_types(file.schema_arrow, self.wanted, entry.key)
            self._check_kept(names, entry.key)
            told = file.metadata
            groups = [told.row_group(place) for place in range(told.num_row_groups)]
        sizes = [(group.total_byte_size, group.num_rows) for group in groups]
        yield from gathered(sizes, self.part_bytes)

    def _csv(self, entry: Entry) -> Iterator[Part]:
        from wherry.batch.csv_cells import header
        from wherry.batch.csv_rows import flat

        names, begins = header(head(self.files, entry, last_record_end), entry.key)
        flat(self.wanted, self.wanted.columns(names, entry.key, "csv"))
        self._check_kept(names, entry.key)
        size = entry.size - begins
        if is_gzip(entry.key) or size <= self.part_bytes:
            yield Part(0 if is_gzip(entry.key) else begins, entry.size, 1)
            return
        yield from csv_parts(self.files, entry, begins, even(size, self.part_bytes))

    def _json(self, entry: Entry) -> Iterator[Part]:
        from wherry.batch.json_rows import columns_of

        names = columns_of(self.files, entry)
        if names:
            self.wanted.columns(names, entry.key, "jsonl")
            self._check_kept(names, entry.key)
        if is_gzip(entry.key) or entry.size <= self.part_bytes:
            yield Part(0, entry.size, 1)
            return
        yield from line_parts(self.files, entry, even(entry.size, self.part_bytes))

    def _check_kept(self, names: Sequence[str], where: str) -> None:
        kept = kept_names(self.options.id, self.options.keep, names)
        self.results.check_names(kept)
        missing = [name for name in kept if name not in names]
        twice = [quoted(name) for name in kept if names.count(name) > 1]
        if twice:
            raise RefusedError(where, f"{', '.join(twice)} came twice, and is to be kept")
        if missing:
            raise not_kept(where, missing, names)


def even(size: int, most: int) -> int:
    """Of each part, so that the last is not a small rest that others wait for."""
    return -(-size // -(-size // most))


def gathered(sizes: Iterable[tuple[int, int]], most: int) -> Iterator[Part]:
    """Neighbours put together up to a number of bytes; each size is one of bytes and of rows."""
    first, held, row, rows, last = 0, 0, 1, 0, 0
    for last, (size, more) in enumerate(sizes):
        if rows and held + size > most:
            yield Part(first, last, row, rows)
            first, row, held, rows = last, row + rows, 0, 0
        held += size
        rows += more
    if rows:
        yield Part(first, last + 1, row, rows)


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


def csv_parts(files: Files, entry: Entry, begins: int, part_bytes: int) -> Iterator[Part]:
    """
    Each ends with a record; rows are counted on the way, so that each part knows its first, and how
    many it has: 0 from where a carriage return by itself may end rows, which nobody counts here.
    """
    first, row, rows, counts = begins, 1, 0, True
    for block in blocks(files, entry, (begins, entry.size), last_record_end):
        data = np.frombuffer(block.data, np.uint8)
        ends = csv_ends(block.data)
        filled = _filled(data, ends)
        counts = counts and block.data.count(b"\r") == block.data.count(b"\r\n")
        for place in _cuts(ends, block.first, first, part_bytes):
            last = block.first + int(ends[place])
            upto = rows + int(filled[: place + 1].sum())
            yield Part(first, last, row, counts * (upto + 1 - row))
            first, row = last, upto + 1
        rows += int(filled.sum())
        rows += int(len(data) > (ends[-1] if len(ends) else 0))  # the last may have no newline
    yield Part(first, entry.size, row, counts * (rows + 1 - row))


def _filled(data: NDArray[np.uint8], ends: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which records are no blank lines."""
    starts = np.concatenate([[0], ends[:-1]])[: len(ends)].astype(np.intp)
    sizes = ends - starts
    blank = (sizes == 1) | ((sizes == len(b"\r\n")) & (data[starts] == RETURN))
    filled: NDArray[np.bool_] = ~blank
    return filled


def _cuts(ends: NDArray[np.intp], at: int, first: int, part_bytes: int) -> Iterator[int]:
    """Places of the ends at which parts end."""
    while True:
        place = int(np.searchsorted(ends, first + part_bytes - at))
        if place >= len(ends):
            return
        yield place
        first = at + int(ends[place])
