"""
One object, held against the model and cut into parts that are done each by itself.

Parquet is cut at its row groups, by its footer alone. JSON Lines are cut at newlines, by a few
small reads. In CSV a newline may be in a quoted cell, so a large one is read through once to be
cut. What is compressed as a whole cannot be cut.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from wherry.batch.chunks import kept_names
from wherry.batch.columns import Wanted
from wherry.batch.contract import Format, Options
from wherry.batch.files import Entry, Files
from wherry.batch.results import Results
from wherry.errors import RefusedError
from wherry.protocol.signature import quoted

PART_BYTES = 64 << 20


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
        if format_ == "parquet":
            return list(self._parquet(entry))
        return list(self._text(entry, format_))

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

    def _text(self, entry: Entry, format_: Format) -> Iterator[Part]:
        raise NotImplementedError

    def _check_kept(self, names: Sequence[str], where: str) -> None:
        kept = kept_names(self.options.id, self.options.keep, names)
        self.results.check_names(kept)
        missing = [quoted(name) for name in kept if name not in names]
        if missing:
            raise RefusedError(where, f"{', '.join(missing)} did not come, and is to be kept")


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
