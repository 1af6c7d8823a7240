"""
Results, spooled to a file and then created under their name at once: all of them or none.

A writer keeps at most a group of rows in memory. Each key is created once; where it is taken, an
earlier try of the same partition was there, and what it wrote is what this one would, or is
nobody's.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from wherry.batch.contract import Format, Refusal
from wherry.batch.files import Files
from wherry.batch.reasons import Reasons
from wherry.batch.results import Results

GROUP_ROWS = 128 << 10  # of a row group of Parquet
GROUP_BYTES = 32 << 20

Outputs = Mapping[str, NDArray[Any]]


class Writer(Protocol):
    """Writes rows to the file that it was made for."""

    def write(self, kept: pa.Table, outputs: Outputs) -> None: ...
    def close(self) -> None: ...


class TextWriter:
    """CSV or JSON Lines."""

    def __init__(self, file: Any, results: Results, to: Format) -> None:
        self._file = file
        self._results = results
        self._to = to

    def write(self, kept: pa.Table, outputs: Outputs) -> None:
        """See Writer."""
        if self._to == "jsonl":
            lines = self._results.json_lines(kept, outputs)
        else:
            if not self._file.tell():
                self._file.write(self._results.csv_head(kept, outputs))
            lines = self._results.csv_lines(kept, outputs)
        self._file.write(_bytes_of(lines))

    def close(self) -> None:
        """See Writer."""
        self._file.flush()


class ParquetWriter:
    """Row groups of a good size, whatever the size of a chunk is."""

    def __init__(self, file: Any, results: Results) -> None:
        self._file = file
        self._results = results
        self._writer: Any = None
        self._waiting: list[pa.Table] = []

    def write(self, kept: pa.Table, outputs: Outputs) -> None:
        """See Writer."""
        self._waiting.append(self._results.table(kept, outputs))
        rows = sum(map(len, self._waiting))
        if rows >= GROUP_ROWS or sum(table.nbytes for table in self._waiting) >= GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """See Writer."""
        self._flush()
        if self._writer is not None:
            self._writer.close()

    def _flush(self) -> None:
        if not self._waiting:
            return
        table = pa.concat_tables(self._waiting)
        self._waiting = []
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._file, table.schema)
        self._writer.write_table(table, row_group_size=len(table))


class SideFile:
    """Why rows have no prediction, a line each."""

    def __init__(self, file: Any, source: str) -> None:
        self._file = file
        self._source = source
        self.rows = 0
        self.reasons = Reasons()

    def write(self, refused: Sequence[Refusal]) -> None:
        """Each is told where it came from."""
        for each in refused:
            told = msgspec.structs.replace(each, source=self._source)
            self._file.write(msgspec.json.encode(told, enc_hook=str) + b"\n")
            self.reasons.add(each.reason)
        self.rows += len(refused)


@contextmanager
def spooled(files: Files) -> Iterator[Any]:
    """A file to write to, gone afterwards."""
    with tempfile.NamedTemporaryFile(prefix=".", dir=files.spool) as file:
        yield file


def create(files: Files, key: str, spool: Any, is_done: Callable[[], bool]) -> int:
    """
    Give the spooled file its name, and tell its size.

    What has the name already is of an earlier try, and the same. Where it is not (it was another
    version of this code, say) and nothing `is_done` that counts on it, it is nobody's, and goes.
    """
    spool.flush()
    path = Path(spool.name)
    size = path.stat().st_size
    if not files.create(key, path) and not _is_same(files, key, path) and not is_done():
        files.put(key, path.read_bytes())
    return size


def _is_same(files: Files, key: str, path: Path) -> bool:
    found = files.find(key)
    same_size = found is not None and found.size == path.stat().st_size
    return same_size and files.read(key) == path.read_bytes()


def writer_of(to: Format, file: Any, results: Results) -> Writer:
    """By the format of the output."""
    return ParquetWriter(file, results) if to == "parquet" else TextWriter(file, results, to)


def _bytes_of(lines: pa.Array) -> memoryview:
    """The texts of a column one after another: they lie so in its buffer."""
    first, last = lines.offset, lines.offset + len(lines)
    offsets = memoryview(lines.buffers()[1]).cast("i")
    return memoryview(lines.buffers()[2])[offsets[first] : offsets[last]]
