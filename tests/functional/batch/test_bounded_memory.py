"""A partition takes as much memory as a chunk and a writer do, however many rows it has."""

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.batches import done
from tests.support.onnx_models import identity, scaled
from tests.support.services import service_of
from wherry.batch.columns import Wanted
from wherry.batch.contract import Format, Options, Partition
from wherry.batch.local_files import LocalFiles
from wherry.batch.parquet_rows import ParquetRows
from wherry.batch.partition import CHUNK_ROWS, chunk_rows
from wherry.limits import Limits

NAMES = ("f0", "f1", "f2", "f3")
SPARE = 1.5  # allocators round up


def _csv(path: Path, rows: int) -> None:
    path.write_text(f"id,{','.join(NAMES)}\n" + "123,1.2345,2.3456,3.4567,4.5678\n" * rows)


def _jsonl(path: Path, rows: int) -> None:
    path.write_text('{"id":123,"f0":1.2345,"f1":2.3456,"f2":3.4567,"f3":4.5678}\n' * rows)


def _parquet(path: Path, rows: int) -> None:
    columns = {name: np.random.default_rng(0).normal(size=rows) for name in ("id", *NAMES)}
    pq.write_table(pa.table(columns), path, row_group_size=rows)


@pytest.mark.parametrize(
    ("first", "to", "write"),
    [(250_000, "jsonl", _csv), (80_000, "csv", _jsonl), (150_000, "parquet", _parquet)],
)
def test_four_times_the_rows_take_no_more(
    tmp_path: Path, first: int, to: Format, write: Callable[[Path, int], None]
) -> None:
    service = service_of(scaled())
    warm = tmp_path / f"warm.{write.__name__[1:]}"
    write(warm, 10)
    done(service, warm, tmp_path / "out-warm", Options(to=to, id="id"))  # what is imported once

    peaks = []
    for rows in (first, 4 * first):
        path = tmp_path / f"{rows}.{write.__name__[1:]}"
        write(path, rows)
        with _measured() as peak:
            told = done(service, path, tmp_path / f"out-{rows}", Options(to=to, id="id"))
            peaks.append(peak())
        assert (told.partitions, told.predicted) == (1, rows)

    assert peaks[1] < peaks[0] * SPARE


@pytest.mark.parametrize(("width", "rows"), [(4, CHUNK_ROWS), (512, CHUNK_ROWS), (20_000, 209)])
def test_a_run_of_the_model_has_fewer_rows_where_they_are_large(width: int, rows: int) -> None:
    wanted = Wanted(identity("FP32", (-1, width)).manifest, Limits())

    assert chunk_rows(wanted) == rows


@pytest.mark.parametrize("doc", ["text", "bytes", "list", "structure"])
def test_a_chunk_has_fewer_rows_where_what_is_kept_is_large(tmp_path: Path, doc: str) -> None:
    """Of 30 kB a row, 559 are 16 MiB."""
    rows = 2_000
    texts = pa.array([f"{n:06}" * 5_000 for n in range(rows)])
    docs = {
        "text": texts, "bytes": texts.cast(pa.binary()),
        "list": pa.FixedSizeListArray.from_arrays(texts, 1).cast(pa.list_(pa.string())),
        "structure": pa.StructArray.from_arrays([texts], ["a"]),
    }  # fmt: skip
    table = pa.table({"x": np.zeros(rows, np.float32), "a.b": docs[doc], "not read": texts})
    pq.write_table(table, tmp_path / "in.parquet", use_dictionary=False)
    reader, wanted = _reader(tmp_path / "in.parquet", Options(keep=("a.b",)))

    found = [chunk.rows for chunk in reader.chunks(chunk_rows(wanted))]

    assert sum(found) == rows
    assert 500 < max(found) < 575
    few, _ = _reader(tmp_path / "in.parquet", Options())
    assert [chunk.rows for chunk in few.chunks(chunk_rows(wanted))] == [rows]


def test_a_chunk_has_fewer_rows_where_a_page_has_what_is_kept_once(tmp_path: Path) -> None:
    """Nor are more decoded at once: all 8,000 are 240 MB."""
    table = pa.table({"x": np.zeros(8_000, np.float32), "doc": ["a" * 30_000] * 8_000})
    pq.write_table(table, tmp_path / "in.parquet")
    reader, wanted = _reader(tmp_path / "in.parquet", Options(keep=("doc",)))

    with _measured() as peak:
        found = [chunk.rows for chunk in reader.chunks(chunk_rows(wanted))]

    assert sum(found) == 8_000
    assert max(found) < 2 * 575
    assert peak() < 120 << 20


def test_short_texts_that_come_often_are_in_whole_chunks(tmp_path: Path) -> None:
    table = pa.table({"x": np.zeros(20_000, np.float32), "place": ["here", "there"] * 10_000})
    pq.write_table(table, tmp_path / "in.parquet")
    reader, _ = _reader(tmp_path / "in.parquet", Options(keep=("place",)))

    assert [chunk.rows for chunk in reader.chunks(CHUNK_ROWS)] == [8_192, 8_192, 3_616]


def _reader(path: Path, options: Options) -> tuple[ParquetRows, Wanted]:
    files = LocalFiles(str(path))
    [entry] = files.entries()
    part = Partition(
        name="p", source=entry.key, etag=entry.etag, size=entry.size, format="parquet",
        first=0, last=1, row=1,
    )  # fmt: skip
    wanted = Wanted(identity().manifest, Limits())
    return ParquetRows(files, part, wanted, options), wanted


@contextmanager
def _measured() -> Iterator[Callable[[], int]]:
    """The most bytes of Python, NumPy and Arrow."""
    usual = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(usual)
    pa.set_memory_pool(pool)
    tracemalloc.start()
    try:
        yield lambda: int(tracemalloc.get_traced_memory()[1]) + int(pool.max_memory())
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(usual)
