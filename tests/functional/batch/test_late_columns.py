"""A name that lines of JSON have only later is not lost, and rows without it cost no other row."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.batches import done, refused, results
from tests.support.plain_models import several
from tests.support.services import service_of
from wherry.batch.blocks import HEAD
from wherry.batch.contract import Options
from wherry.errors import RefusedError

SERVICE = service_of(several({"x": "FP64"}))
FILLED = "-" * 1_000  # so that the first lines are not all


def _written(path: Path, early: dict[str, Any], late: dict[str, Any]) -> int:
    """How many rows are early ones; as many others follow."""
    rows = 2 * HEAD // len(FILLED)
    lines = [json.dumps({**row, "more": FILLED}) for row in [early] * rows + [late] * rows]
    path.write_text("\n".join(lines))
    return rows


@pytest.mark.parametrize("part_bytes", [64 << 20, 100_000])
def test_rows_without_a_field_are_refused_by_themselves(tmp_path: Path, part_bytes: int) -> None:
    rows = _written(tmp_path / "in.jsonl", {"key": 1}, {"key": 2, "x": 2.5})

    told = done(SERVICE, tmp_path / "in.jsonl", tmp_path / "out", Options(id="key"), part_bytes)

    assert (told.refused, told.predicted) == (rows, rows)
    assert {(line["id"], line["reason"]) for line in refused(tmp_path / "out")} == {
        (1, '"x" did not come')
    }


def test_a_field_that_no_row_has_is_refused_at_once(tmp_path: Path) -> None:
    _written(tmp_path / "in.jsonl", {"key": 1, "X": 1.5}, {"key": 2, "X": 2.5})

    with pytest.raises(RefusedError, match=r'"x" did not come.* Did you mean "X"'):
        done(SERVICE, tmp_path / "in.jsonl", tmp_path / "out")


@pytest.mark.parametrize("keep", ["id", "keep"])
def test_a_kept_column_may_begin_later(tmp_path: Path, keep: str) -> None:
    rows = _written(tmp_path / "in.jsonl", {"x": 1.5}, {"x": 2.5, "key": "a"})
    options = Options(id="key") if keep == "id" else Options(keep=("key",))

    told = done(SERVICE, tmp_path / "in.jsonl", tmp_path / "out", options)

    kept = [row["key"] for row in results(tmp_path / "out", told)]
    assert kept == [None] * rows + ["a"] * rows


@pytest.mark.parametrize("to", ["csv", "jsonl", "parquet"])
def test_where_all_is_kept_a_row_with_an_unknown_name_is_refused(tmp_path: Path, to: Any) -> None:
    rows = _written(tmp_path / "in.jsonl", {"x": 1.5}, {"x": 2.5, "key": "a"})

    told = done(SERVICE, tmp_path / "in.jsonl", tmp_path / "out", Options(keep=("*",), to=to))

    assert (told.predicted, told.refused) == (rows, rows)
    assert {line["reason"] for line in refused(tmp_path / "out")} == {
        '"key": all is to be kept, and the first lines did not have it. Name the columns to keep.'
    }
    assert all("more" in row for row in results(tmp_path / "out", told))
