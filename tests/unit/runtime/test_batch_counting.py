"""Rows are counted without being read: a reader that loses or makes up one is found out."""

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.batches import done
from tests.support.plain_models import several
from tests.support.services import service_of
from wherry.batch import json_rows
from wherry.batch.blocks import blocks, last_line_end
from wherry.batch.counting import Counted, Records, count_lines
from wherry.batch.csv_rows import CsvFileRows
from wherry.batch.json_lines import Lines
from wherry.batch.local_files import LocalFiles
from wherry.batch.parquet_rows import ParquetRows
from wherry.errors import RefusedError

MODEL = {"x": "FP32"}
TEXT = {
    "csv": b"x\n" + b"".join(b"%d\n" % n for n in range(9)),
    "jsonl": b"".join(b'{"x": %d}\n' % n for n in range(9)),
}


def _counted(files: LocalFiles, size: int) -> int | None:
    [entry], ends = files.entries(), Records()
    return Counted(blocks(files, entry, (0, entry.size), ends.end, size=size), ends.count).rows()


@settings(deadline=None, max_examples=200)
@given(text=st.text(alphabet='a",\n ', max_size=60), size=st.integers(1, 70))
def test_records_are_counted_as_the_standard_library_reads_them(
    tmp_path_factory: pytest.TempPathFactory, text: str, size: int
) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_text(text)
    reader, wanted = csv.reader(io.StringIO(text, newline=""), strict=True), 0
    while True:
        try:
            wanted += bool(next(reader))
        except StopIteration:
            break
        except csv.Error as error:
            if "end of data" in str(error):
                return  # a quote is never closed: the file is refused
            wanted += 1

    assert _counted(LocalFiles(str(path)), size) == wanted


def test_what_a_carriage_return_may_end_is_not_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"1\r\n\r\n2\r\n")
    assert _counted(LocalFiles(str(path)), 1 << 20) == 2
    path.write_bytes(b"1\r\n2\r3\n")
    assert _counted(LocalFiles(str(path)), 1 << 20) is None


@given(text=st.text(alphabet="a \t\r\n", max_size=40))
def test_lines_are_counted_but_for_blank_ones(text: str) -> None:
    assert count_lines(text.encode()) == sum(bool(line.strip()) for line in text.split("\n"))


def _fast_csv(change: Callable[[Any], Any], patch: pytest.MonkeyPatch) -> None:
    real = CsvFileRows._fast
    patch.setattr(CsvFileRows, "_fast", lambda self, data: change(real(self, data)))


def _slow_csv(_change: Callable[[Any], Any], patch: pytest.MonkeyPatch) -> None:
    """It loses a row that it has told of as read."""
    real = CsvFileRows._slow

    def slow(self: CsvFileRows, data: bytes, at: int) -> tuple[Any, Any, int]:
        chunk, refused, count = real(self, data, at)
        return chunk.without([2]), refused, count

    patch.setattr(CsvFileRows, "_fast", lambda *_: None)
    patch.setattr(CsvFileRows, "_slow", slow)


def _json(change: Callable[[Any], Any], patch: pytest.MonkeyPatch) -> None:
    class Changed(Lines):
        def __init__(self, data: bytes) -> None:
            super().__init__(data)
            self.starts, self._ends = change(self.starts), change(self._ends)

    patch.setattr(json_rows, "Lines", Changed)


def _less(rows: Any) -> Any:
    return rows[:-1]


def _more(rows: Any) -> Any:
    return rows.take([*range(len(rows)), 0])


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize(
    ("suffix", "spoil", "change"),
    [
        ("csv", _fast_csv, _less), ("csv", _fast_csv, _more), ("csv", _slow_csv, _less),
        ("jsonl", _json, _less), ("jsonl", _json, _more),
    ],
)  # fmt: skip
def test_a_reader_that_loses_a_row_or_makes_one_up_fails_its_part(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    suffix: str,
    spoil: Callable[[Callable[[Any], Any], pytest.MonkeyPatch], None],
    change: Callable[[Any], Any],
    *,
    packed: bool,
) -> None:
    path = tmp_path / f"a.{suffix}{'.gz' if packed else ''}"
    path.write_bytes(gzip.compress(TEXT[suffix]) if packed else TEXT[suffix])
    spoil(change, monkeypatch)
    read = 8 if change is _less else 10

    with pytest.raises(
        RefusedError, match=rf"a\.{suffix}.*, bytes .*: 9 rows came in, of which {read} were pred"
    ):
        done(service_of(several(MODEL)), path, tmp_path / "out")

    assert not list((tmp_path / "out").glob("part-*"))
    assert not list((tmp_path / "out").rglob("receipts/*"))


def test_row_groups_that_are_not_read_to_their_end_are_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(pa.table({"x": np.arange(9.0)}), tmp_path / "a.parquet")
    monkeypatch.setattr(ParquetRows, "_own", lambda _self, found: (each[:-1] for each in found))

    with pytest.raises(RefusedError, match="row groups 0 to 1: 9 rows came in, of which 8"):
        done(service_of(several(MODEL)), tmp_path / "a.parquet", tmp_path / "out")


def test_blocks_that_a_reader_leaves_are_counted_too(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(TEXT["jsonl"])
    files = LocalFiles(str(tmp_path / "a.jsonl"))
    [entry] = files.entries()
    found = Counted(blocks(files, entry, (0, entry.size), last_line_end, size=16), count_lines)

    next(iter(found))

    assert found.rows() == 9
