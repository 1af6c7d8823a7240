"""What is odd about a file is told, of the file or of the row: no row goes missing for it."""

from pathlib import Path

import pytest

from tests.support.batches import done, refused, results
from tests.support.plain_models import several
from tests.support.services import service_of
from wherry.batch.blocks import blocks, last_line_end
from wherry.batch.contract import Format, Options
from wherry.batch.local_files import LocalFiles
from wherry.errors import RefusedError

DEEP = b"[" * 5000 + b"]" * 5000


@pytest.mark.parametrize(
    "text",
    [b"key,x\ra,1\rb,2\r", b"key,x\ra,1\nb,2\n", b'5" key,x\na,1\nb,2\n'],
    ids=["carriage-returns", "one-carriage-return", "stray-quote"],
)
def test_rows_are_never_taken_for_a_part_of_the_header(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "in.csv").write_bytes(text)

    with pytest.raises(RefusedError, match="where its header line ends"):
        done(service_of(several({"x": "FP64"})), tmp_path / "in.csv", tmp_path / "out")


def test_what_ends_too_early_is_no_file_of_fewer_rows(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(b"key,x\na,1\nb,2\n")
    files = LocalFiles(str(tmp_path / "in.csv"))
    (entry,) = files.entries()

    with pytest.raises(RefusedError, match="ends 4 bytes too early"):
        list(blocks(files, entry, (6, entry.size + 4), last_line_end))


@pytest.mark.parametrize("cell", ["1", "odd"], ids=["", "beside-an-odd-row"])
def test_a_long_cell_that_is_kept_is_kept(tmp_path: Path, cell: str) -> None:
    note = "a line of a long text\n" * 10_000
    (tmp_path / "in.csv").write_text(f'key,note,x\nlong,"{note}",1\nother,,{cell}\n')
    service = service_of(several({"x": "FP64"}))

    told = done(service, tmp_path / "in.csv", tmp_path / "out", Options(keep=("note",), to="jsonl"))

    assert (told.rows, told.refused) == (2, 0 if cell == "1" else 1)
    assert results(tmp_path / "out", told)[0]["note"] == note


def test_a_quote_within_a_cell_makes_no_row_and_loses_none(tmp_path: Path) -> None:
    """Wherever blocks and parts end: beside it, cells of several lines are what they are."""
    rows = "".join(f'r{n},"two, lines\nz,of {n}",{n}\n' for n in range(20_000))
    (tmp_path / "in.csv").write_text(f'key,note,x\nfirst,5" disk,1\n{rows}')
    service = service_of(several({"x": "FP64"}))

    told = done(
        service, tmp_path / "in.csv", tmp_path / "out", Options(id="key"), part_bytes=64 << 10
    )

    assert (told.rows, told.refused, told.partitions > 2) == (20_001, 0, True)
    keys = [row["key"] for row in results(tmp_path / "out", told)]
    assert keys == ["first", *(f"r{n}" for n in range(20_000))]


@pytest.mark.parametrize("to", ["jsonl", "csv"])
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"x": 2, "key": ' + DEEP + b"}", "it is nested too deeply"),
        (b'{"x": 2, "key": "a", "more": ' + DEEP + b"}", "it is nested too deeply"),
        (b'{"x": 2, "key": "\xff"}', "a text in it is no UTF-8. Send UTF-8."),
        (b'{"x": "2", "key": 1e999}', '"x": a string came; FP64 wants a number'),
    ],
    ids=["deep", "deep-and-ignored", "no-utf-8", "number-that-is-none"],
)
def test_a_line_that_no_reader_takes_costs_its_neighbours_nothing(
    tmp_path: Path, line: bytes, reason: str, to: Format
) -> None:
    lines = [b'{"x": 1, "key": "first"}', line, b'{"x": 3, "key": "last"}']
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(lines))
    service = service_of(several({"x": "FP64"}))

    told = done(service, tmp_path / "in.jsonl", tmp_path / "out", Options(id="key", to=to))

    assert (told.rows, told.predicted, told.refused) == (3, 2, 1)
    assert [row["key"] for row in results(tmp_path / "out", told)] == ["first", "last"]
    assert [(row["row"], row["reason"]) for row in refused(tmp_path / "out")] == [(2, reason)]
