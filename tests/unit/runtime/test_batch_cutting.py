"""However an object is cut, every row is read once, in order, and by its own number."""

import csv
import gzip
import io
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.batches import done, read, refused, results
from tests.support.plain_models import several
from tests.support.services import service_of
from wherry.batch import blocks as blocks_module
from wherry.batch.blocks import blocks, last_line_end, last_record_end
from wherry.batch.contract import Options
from wherry.batch.csv_cells import header
from wherry.batch.local_files import LocalFiles
from wherry.batch.parts import Most, csv_parts, gathered, line_parts
from wherry.errors import RefusedError

CELLS = st.text(alphabet='a",\n\r é', max_size=6)
TABLES = st.lists(st.tuples(CELLS, CELLS), max_size=30)
SIZES = st.integers(1, 80)


def _csv(rows: list[tuple[str, str]], newline: str) -> bytes:
    lines = ["x,y"]
    for row in rows:
        lines.append(",".join(map(_cell, row)))
        lines += [""] if row[0] == "a" else []  # a blank line is no row
    return "".join(line + newline for line in lines).encode()


def _cell(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if set(text) & set('",\r\n') else text


def _rows(data: bytes) -> list[tuple[str, ...]]:
    return [tuple(row) for row in csv.reader(io.StringIO(data.decode(), newline="")) if row]


@settings(deadline=None, max_examples=40)
@given(rows=TABLES, size=SIZES, newline=st.sampled_from(["\n", "\r\n"]))
def test_csv_is_cut_between_records_and_each_part_knows_its_first_row(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], size: int, newline: str
) -> None:
    data = _csv(rows, newline)
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(data)
    files = LocalFiles(str(path))
    [entry] = files.entries()
    _, begins = header(data, "a.csv")

    parts = list(csv_parts(files, entry, begins, Most(size)))

    assert [parts[0].first, *(part.last for part in parts)][-1] == len(data)
    assert all(one.last == other.first for one, other in pairwise(parts))
    found = [_rows(data[part.first : part.last]) for part in parts]
    assert [row for part in found for row in part] == rows
    counted = 1
    for part, inside in zip(parts, found, strict=True):
        assert part.row == counted or not inside
        counted += len(inside)


@settings(deadline=None, max_examples=40)
@given(rows=TABLES, size=SIZES)
def test_blocks_hold_whole_records_whatever_is_read_at_once(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], size: int
) -> None:
    data = _csv(rows, "\n")
    folder = tmp_path_factory.mktemp("csv")
    (folder / "a.csv").write_bytes(data)
    (folder / "b.csv.gz").write_bytes(gzip.compress(data[:9]) + gzip.compress(data[9:]))
    files = LocalFiles(str(folder))

    for entry in files.entries():
        found = list(blocks(files, entry, (0, len(data)), last_record_end, size=size))

        assert b"".join(block.data for block in found) == data
        assert [row for block in found for row in _rows(block.data)] == [("x", "y"), *rows]
        assert all(data[block.first :].startswith(block.data) for block in found)


@settings(deadline=None, max_examples=40)
@given(lengths=st.lists(st.integers(0, 60), max_size=30), size=SIZES, ended=st.booleans())
def test_json_lines_are_cut_at_newlines(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], size: int, *, ended: bool
) -> None:
    data = b"\n".join(b"x" * length for length in lengths) + (b"\n" if ended else b"")
    path = tmp_path_factory.mktemp("lines") / "a.jsonl"
    path.write_bytes(data)
    files = LocalFiles(str(path))
    [entry] = files.entries()

    parts = list(line_parts(files, entry, size))

    assert b"".join(data[part.first : part.last] for part in parts) == data
    assert all(data[: part.last].endswith(b"\n") for part in parts[:-1])
    assert [part.row for part in parts] == [1, *[0] * (len(parts) - 1)][: len(parts)]


@given(sizes=st.lists(st.tuples(st.integers(1, 50), st.integers(0, 9)), max_size=20), most=SIZES)
def test_row_groups_are_gathered_in_order(sizes: list[tuple[int, int]], most: int) -> None:
    parts = list(gathered(sizes, Most(most)))

    assert sum(part.rows for part in parts) == sum(rows for _, rows in sizes)
    for one, other in pairwise(parts):
        assert (one.last, one.row + one.rows) == (other.first, other.row)
    for part in parts:
        inside = sizes[part.first : part.last]
        assert part.rows == sum(rows for _, rows in inside)
        assert sum(size for size, _ in inside) <= most or len(
            [rows for _, rows in inside if rows]
        ) == 1  # fmt: skip


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_many_parts_give_the_rows_of_one(tmp_path: Path, suffix: str) -> None:
    rows: list[dict[str, Any]] = [
        {"key": f'{n}\n"{n % 7}",', "text": "\n" * (n % 3), "x": "?" if n % 11 == 5 else n}
        for n in range(200)
    ]
    path = tmp_path / f"in/rows.{suffix}"
    path.parent.mkdir()
    if suffix == "csv":
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    service = service_of(several({"text": "BYTES", "x": "FP32"}))
    options = Options(id="key", to="jsonl")

    one = done(service, path, tmp_path / "one", options)
    many = done(service, path, tmp_path / "many", options, part_bytes=150)

    assert (one.partitions, one.rows, one.refused) == (1, 200, 18)
    assert many.partitions > 20
    assert results(tmp_path / "one", one) == results(tmp_path / "many", many)
    ids = [line["id"] for line in refused(tmp_path / "one")]
    assert [line["id"] for line in refused(tmp_path / "many")] == ids
    if suffix == "csv":
        numbers = [[line["row"] for line in refused(tmp_path / name)] for name in ("one", "many")]
        assert numbers[0] == numbers[1] == list(range(6, 201, 11))


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_parts_of_one_object_are_about_even(tmp_path: Path, suffix: str) -> None:
    head = "x\n" if suffix == "csv" else ""
    line = "{:04}\n" if suffix == "csv" else '{{"x":{}}}\n'
    text = head + "".join(map(line.format, range(1000, 1210)))
    (tmp_path / "in").mkdir()
    (tmp_path / f"in/a.{suffix}").write_text(text)
    size = len(text)
    service = service_of(several({"x": "FP32"}))

    told = done(service, tmp_path / "in", tmp_path / "out", part_bytes=size - 50)

    assert told.partitions == 2
    assert [len(list(read(tmp_path / "out" / file.name))) for file in told.files] == [105, 105]


def test_a_row_without_an_end_is_refused_before_it_fills_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.csv").write_text('x\n"1\n' + "1\n" * 500)
    files = LocalFiles(str(tmp_path))
    [entry] = files.entries()
    monkeypatch.setattr(blocks_module, "LONGEST", 100)

    with pytest.raises(RefusedError, match="a quote that is not closed"):
        list(blocks(files, entry, (2, entry.size), last_record_end, size=10))


def test_what_is_no_whole_gzip_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"x":1}\n' * 99)[:-9])
    files = LocalFiles(str(tmp_path))
    [entry] = files.entries()

    with pytest.raises(RefusedError, match="no whole gzip file"):
        list(blocks(files, entry, (0, entry.size), last_line_end))


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ('x\n1\n\n2\n"3"\r\n4\n5\n6\n7\n8\n9', [9]),
        ("x\n" + "1\n" * 20, [20]),
        ("x\n1\r2\n" + "1\n" * 20, [0]),
    ],
)
def test_the_plan_counts_the_rows_of_what_it_cuts_unless_it_cannot(
    tmp_path: Path, text: str, counted: list[int]
) -> None:
    (tmp_path / "a.csv").write_bytes(text.encode())
    files = LocalFiles(str(tmp_path))
    [entry] = files.entries()

    parts = [part for part in csv_parts(files, entry, 2, Most(10)) if part.first < part.last]

    assert len(parts) > 1
    assert [sum(part.rows for part in parts)] == counted
