"""Parts whose rows are bounded: never more, wherever they are cut, and the answers of one part."""

import csv
import io
import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.batches import done, results, written
from tests.support.plain_models import several
from tests.support.services import service_of
from wherry.batch.contract import Options
from wherry.batch.csv_cells import header
from wherry.batch.local_files import LocalFiles
from wherry.batch.parts import Most, counted_line_parts, csv_parts, gathered

CELLS = st.text(alphabet='a",\n é', max_size=6)
ROWS = st.lists(st.tuples(CELLS, CELLS), max_size=30)


def _csv(rows: list[tuple[str, str]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["x", "y"])
    for row in rows:
        writer.writerow(row)
        file.write("\n" * (row[0] == "a"))  # a blank line is no row
    return file.getvalue().encode()


@settings(deadline=None, max_examples=40)
@given(rows=ROWS, most=st.integers(1, 9), block=st.sampled_from([16, 1 << 20]))
def test_no_part_of_text_has_more_rows_than_it_may_have(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], most: int, block: int
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    data = {"a.csv": _csv(rows), "b.jsonl": _json_lines(rows)}
    for name, content in data.items():
        (folder / name).write_bytes(content)
    files = LocalFiles(str(folder))

    for entry in files.entries():
        content = data[Path(entry.key).name]
        begins, told = 0, counted_line_parts(files, entry, Most(block, most))
        if entry.key.endswith(".csv"):
            _, begins = header(content, "a.csv")
            told = csv_parts(files, entry, begins, Most(block, most))
        parts = [part for part in told if part.first < part.last]

        assert sum(part.rows for part in parts) == len(rows)
        assert all(one.row + one.rows == other.row for one, other in pairwise(parts))
        assert all(one.last == other.first for one, other in pairwise(parts))
        assert max([part.rows for part in parts], default=0) <= most
        if block > len(content):  # rows alone decide
            assert [part.rows for part in parts if part.rows][:-1] == [most] * (
                (len(rows) - 1) // most
            )


def _json_lines(rows: list[tuple[str, str]]) -> bytes:
    lines = [json.dumps(row) + "\n" + " \t\n" * (row[0] == "a") for row in rows]
    return b"\xef\xbb\xbf\n" + "".join(lines).encode()


@given(
    sizes=st.lists(st.tuples(st.integers(1, 50), st.integers(0, 40)), max_size=20),
    most=st.builds(Most, st.integers(1, 80), st.integers(1, 15)),
)
def test_a_row_group_with_too_many_rows_is_shared(sizes: list[tuple[int, int]], most: Most) -> None:
    groups = [place for place, (_, rows) in enumerate(sizes) for _ in range(rows)]

    parts = list(gathered(sizes, most))

    assert [row for part in parts for row in range(part.row, part.row + part.rows)] == list(
        range(1, len(groups) + 1)
    )
    for part in parts:
        inside = [row for row, place in enumerate(groups, 1) if part.first <= place < part.last]
        assert inside[part.skip : part.skip + part.rows][:1] == [part.row]
        assert part.rows <= most.rows


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_parts_of_few_rows_answer_as_one_part_does(tmp_path: Path, suffix: str) -> None:
    rows = [{"key": n, "x": 1.5 * n} for n in range(23)]  # in row groups of 7
    path = written(tmp_path / f"in/rows.{suffix}", rows)
    service = service_of(several({"x": "FP32"}))

    one = done(service, path, tmp_path / "one", Options(id="key"))
    many = done(service, path, tmp_path / "many", Options(id="key", part_rows=3, chunk_rows=2))

    assert (one.partitions, many.partitions) == (1, 10 if suffix == "parquet" else 8)
    assert max(file.rows for file in many.files) == 3
    assert results(tmp_path / "many", many) == results(tmp_path / "one", one)
    assert [file.row for file in many.files] == [
        1 + sum(file.rows for file in many.files[:place]) for place in range(len(many.files))
    ]
