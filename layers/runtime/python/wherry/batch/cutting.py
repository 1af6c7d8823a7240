"""
One object, held against the model and cut into parts that are done each by itself.

Parquet is cut at its row groups, by its footer alone. JSON Lines are cut at newlines, by a few
small reads. In CSV a newline may be in a quoted cell, so a large one is read through once to be
cut. What is compressed as a whole cannot be cut.

A part is bounded by bytes, for what it takes to read and to write it, and where a run asks for it
by rows, for what it takes to predict: one model answers 64 MiB of short rows in seconds, another
needs hours. Rows cost, whatever their size, so rows are what is asked for, and who knows that a row
takes 10 ms knows how many there may be. To bound them, text of either kind is read through once,
and a row group of Parquet is shared by several parts, each of which reads it up to its own end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wherry.batch.absent import not_kept
from wherry.batch.blocks import head, is_gzip, last_record_end
from wherry.batch.chunks import kept_names
from wherry.batch.columns import Wanted
from wherry.batch.contract import Format, Options
from wherry.batch.files import Entry, Files
from wherry.batch.parts import Most, Part, counted_line_parts, csv_parts, even, gathered, line_parts
from wherry.batch.results import Results
from wherry.errors import RefusedError
from wherry.protocol.signature import quoted

PART_BYTES = 64 << 20
ROW_BYTES = 2  # of a row of text at least: something, and a newline


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
            self._check_kept(names, entry.key, "parquet")
            told = file.metadata
            groups = [told.row_group(place) for place in range(told.num_row_groups)]
        sizes = [(group.total_byte_size, group.num_rows) for group in groups]
        yield from gathered(sizes, self._most)

    def _csv(self, entry: Entry) -> Iterator[Part]:
        from wherry.batch.csv_cells import header
        from wherry.batch.csv_rows import flat

        names, begins = header(head(self.files, entry, last_record_end), entry.key)
        flat(self.wanted, self.wanted.columns(names, entry.key, "csv"))
        self._check_kept(names, entry.key, "csv")
        size = entry.size - begins
        if is_gzip(entry.key) or (size <= self.part_bytes and self._few(size)):
            yield Part(0 if is_gzip(entry.key) else begins, entry.size, 1)
            return
        yield from csv_parts(self.files, entry, begins, self._even(size))

    def _json(self, entry: Entry) -> Iterator[Part]:
        from wherry.batch.json_rows import columns_of, may_have

        names = columns_of(self.files, entry)
        if names:  # rows that lack one are refused by themselves, where others have it
            asked = [*self.wanted.names, *kept_names(self.options.id, self.options.keep, ())]
            late = [name for name in asked if name not in names]
            names += may_have(self.files, entry, late)
            self.wanted.columns(names, entry.key, "jsonl")
            self._check_kept(names, entry.key, "jsonl")
        if is_gzip(entry.key) or (entry.size <= self.part_bytes and self._few(entry.size)):
            yield Part(0, entry.size, 1)
        elif self._most.rows:
            yield from counted_line_parts(self.files, entry, self._even(entry.size))
        else:
            yield from line_parts(self.files, entry, self._even(entry.size).bytes)

    @property
    def _most(self) -> Most:
        return Most(self.part_bytes, self.options.part_rows)

    def _even(self, size: int) -> Most:
        return self._most._replace(bytes=even(size, self.part_bytes))

    def _few(self, size: int) -> bool:
        """Whether so much text has no more rows than a part may have."""
        return not self._most.rows or size <= self._most.rows * ROW_BYTES

    def _check_kept(self, names: Sequence[str], where: str, format_: Format) -> None:
        kept = kept_names(self.options.id, self.options.keep, names)
        self.results.check_names(kept, self.options.to or format_)
        missing = [name for name in kept if name not in names]
        twice = [quoted(name) for name in kept if names.count(name) > 1]
        if twice:
            raise RefusedError(where, f"{', '.join(twice)} came twice, and is to be kept")
        if missing:
            raise not_kept(where, missing, names)
