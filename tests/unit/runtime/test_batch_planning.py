"""What a run is, decided once: which files, which parts, and what is refused before any is done."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.batches import NOW, done, the_run, written
from tests.support.onnx_models import identity
from tests.support.plain_models import classifier
from tests.support.services import service_of
from wherry.batch.contract import PLAN, Options, Partition, Task
from wherry.batch.files import open_files
from wherry.batch.finishing import finish
from wherry.batch.folders import stored_run
from wherry.batch.partition import receipt_key, run_partition
from wherry.batch.planning import new_run, plan
from wherry.errors import RefusedError, UsageError
from wherry.pinned import Pinned

ROWS = [{"x": 1.0 * n} for n in range(40)]


def _planned(
    source: Path, output: Path, options: Options | None = None, part_bytes: int = 64 << 20
) -> list[Partition]:
    files_in, files_out = open_files(str(source)), open_files(str(output))
    service = service_of(identity())
    run = the_run(service, files_in, files_out, options or Options())
    return plan(service, files_in, files_out, run, part_bytes=part_bytes)[1]


def test_a_folder_is_read_whole_but_for_what_is_hidden(tmp_path: Path) -> None:
    for name in ("a.csv", "deep/b.jsonl", "c.parquet", "_SUCCESS.csv", "_x/d.csv", ".e.csv"):
        written(tmp_path / "in" / name, ROWS)
    (tmp_path / "in/empty.csv").touch()

    parts = _planned(tmp_path / "in", tmp_path / "out")

    names = [Path(part.source).relative_to(tmp_path / "in") for part in parts]
    assert list(map(str, names)) == ["a.csv", "c.parquet", "deep/b.jsonl"]
    assert [part.format for part in parts] == ["csv", "parquet", "jsonl"]


def test_one_file_is_a_run_too(tmp_path: Path) -> None:
    file = written(tmp_path / "in/a.csv", ROWS)

    [part] = _planned(file, tmp_path / "out")

    assert (part.source, part.row) == (str(file), 1)


def test_row_groups_of_parquet_are_gathered_and_counted(tmp_path: Path) -> None:
    written(tmp_path / "in/a.parquet", ROWS)

    parts = _planned(tmp_path / "in", tmp_path / "out", part_bytes=1)

    assert [(part.first, part.row, part.rows) for part in parts] == [
        (place, 1 + 7 * place, min(7, 40 - 7 * place)) for place in range(6)
    ]
    assert len(_planned(tmp_path / "in", tmp_path / "other")) == 1


def test_names_follow_from_what_is_done(tmp_path: Path) -> None:
    file = written(tmp_path / "in/a.csv", ROWS)
    names = {part.name for part in _planned(file, tmp_path / "1", part_bytes=50)}
    again = {part.name for part in _planned(file, tmp_path / "2", part_bytes=50)}
    kept = {part.name for part in _planned(file, tmp_path / "3", Options(id="x"), part_bytes=50)}

    assert names == again
    assert not names & kept


def test_the_plan_is_kept_whatever_is_there_later(tmp_path: Path) -> None:
    written(tmp_path / "in/a.csv", ROWS)
    parts = _planned(tmp_path / "in", tmp_path / "out")
    written(tmp_path / "in/b.csv", ROWS)

    assert _planned(tmp_path / "in", tmp_path / "out") == parts
    told = (tmp_path / "out" / PLAN).read_text().splitlines()
    assert [json.loads(line)["partition"]["name"] for line in told] == [parts[0].name]


def test_an_input_that_has_changed_since_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path / "in/a.csv", ROWS)
    service = service_of(identity())
    files_in, files_out = open_files(str(tmp_path / "in")), open_files(str(tmp_path / "out"))
    run = the_run(service, files_in, files_out, Options())
    run, [part] = plan(service, files_in, files_out, run)
    written(file, ROWS[:3])

    with pytest.raises(RefusedError, match="has changed since this run was planned"):
        run_partition(service, files_in, files_out, Task(run=run, partition=part))


def test_when_it_started_is_not_what_a_run_is(tmp_path: Path) -> None:
    pinned = Pinned("7", 1, "sha256:1")
    one, other = (new_run(pinned, "m", ("a", "b"), Options(), told) for told in ("now", "later"))

    assert one.id == other.id
    assert stored_run(open_files(str(tmp_path))) is None


@pytest.mark.parametrize(
    ("name", "rows", "options", "wanted"),
    [
        ("a.csv", [{"y": 1}], {}, '"x" did not come. It has "y".'),
        ("a.jsonl", [{"y": 1}], {}, '"x" did not come'),
        ("a.parquet", [{"y": 1}], {}, '"x" did not come'),
        ("a.parquet", [{"x": "1"}], {}, 'column "x": a string came; FP32 wants a number'),
        ("a.parquet", [{"x": True}], {}, 'column "x": true or false came'),
        ("a.parquet", [{"x": [1.0]}], {}, 'column "x": a list came'),
        ("a.csv", [{"x": 1}], {"id": "key"}, '"key" did not come, and is to be kept'),
        ("a.jsonl", [{"x": 1}], {"keep": ("more",)}, '"more" did not come, and is to be kept'),
        ("a.csv", [{"x": 1, "y": 1}], {"keep": ("y",)}, "an output is called so too"),
        ("a.csv", [{"x": 1, "y": 1}], {"keep": ("*",)}, "an output is called so too"),
        ("a.xlsx.csv", [{"x": 1}], {"format": "parquet"}, "it is no Parquet"),
    ],
)
def test_what_no_part_could_do_is_refused_at_once(
    tmp_path: Path, name: str, rows: list[dict[str, Any]], options: dict[str, Any], wanted: str
) -> None:
    written(tmp_path / "in" / name, rows)

    with pytest.raises(RefusedError, match=wanted.replace(".", r"\.").replace("*", r"\*")):
        _planned(tmp_path / "in", tmp_path / "out", Options(**options))


def test_a_column_that_comes_twice_is_refused_only_where_it_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.csv").write_text(",x,\n1,2,3\n")
    assert len(_planned(tmp_path / "in", tmp_path / "out")) == 1
    (tmp_path / "in/a.csv").write_text("x,x\n1,2\n")

    with pytest.raises(RefusedError, match='"x" came twice'):
        _planned(tmp_path / "in", tmp_path / "other")


def test_a_format_that_no_name_tells_must_be_told(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/rows.txt").write_text("x\n1\n")

    with pytest.raises(RefusedError, match="does not tell its format"):
        _planned(tmp_path / "in", tmp_path / "out")
    [part] = _planned(tmp_path / "in", tmp_path / "other", Options(format="csv"))
    assert part.format == "csv"


def test_nothing_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="nothing is there"):
        _planned(tmp_path / "in", tmp_path / "out")
    with pytest.raises(RefusedError, match="Patterns are not taken"):
        _planned(tmp_path / "in/*.csv", tmp_path / "out")
    with pytest.raises(UsageError):
        open_files("gs://bucket")


@pytest.mark.parametrize("value", [1, [[[1]]]])
def test_a_list_that_is_wanted_is_told_with_its_shape(tmp_path: Path, value: Any) -> None:
    written(tmp_path / "in/a.parquet", [{"x": value}])
    service = service_of(identity(shape=(-1, 2, 2)))

    with pytest.raises(RefusedError, match=r"a list of shape \[2,2\] of FP32 is wanted"):
        done(service, tmp_path / "in", tmp_path / "out")


def test_an_image_is_called_one(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/cat.PNG").write_bytes(b"\x89PNG")

    with pytest.raises(RefusedError, match="it is an image, and a batch reads rows"):
        _planned(tmp_path / "in", tmp_path / "out")


@pytest.mark.parametrize("shape", [(1, 2), (-1, -1)])
def test_a_model_whose_rows_are_no_columns_is_refused(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    written(tmp_path / "in/a.csv", ROWS)

    with pytest.raises(RefusedError, match="input"):
        done(service_of(identity(shape=shape)), tmp_path / "in", tmp_path / "out")


def test_an_incomplete_run_says_so(tmp_path: Path) -> None:
    written(tmp_path / "in/a.csv", ROWS)
    files_in, files_out = open_files(str(tmp_path / "in")), open_files(str(tmp_path / "out"))
    service = service_of(identity())
    run = the_run(service, files_in, files_out, Options())
    run, parts = plan(service, files_in, files_out, run, part_bytes=50)
    run_partition(service, files_in, files_out, Task(run=run, partition=parts[0]))

    told = finish(files_out, NOW)

    assert (told.complete, told.missing) == (False, len(parts) - 1)
    assert told.rows == told.predicted < len(ROWS)


def test_each_file_of_results_tells_whose_rows_it_has(tmp_path: Path) -> None:
    for name in ("a.parquet", "b.jsonl"):
        written(tmp_path / "in" / name, ROWS)
    service = service_of(identity())

    told = done(service, tmp_path / "in", tmp_path / "out", part_bytes=300)

    found = [(Path(file.source).name, file.row, file.byte, file.rows) for file in told.files]
    assert found[0] == ("a.parquet", 1, -1, 14)
    assert found[1] == ("a.parquet", 15, -1, 14)
    assert [(*each[:2], each[2] > 0) for each in found if each[0] == "b.jsonl"] == [
        ("b.jsonl", 1, False), ("b.jsonl", 0, True),
    ]  # fmt: skip
    assert sum(file.rows for file in told.files) == told.predicted == 80
    assert all((tmp_path / "out" / file.name).is_file() for file in told.files)


@pytest.mark.parametrize("lie", [{"predicted": 39}, {"rows": 41, "predicted": 41}])
def test_counts_that_do_not_add_up_are_refused(tmp_path: Path, lie: dict[str, int]) -> None:
    written(tmp_path / "in/a.parquet", ROWS)
    done(service_of(identity()), tmp_path / "in", tmp_path / "out")
    [receipt] = (tmp_path / "out/_wherry/receipts").iterdir()
    receipt.write_text(json.dumps({**json.loads(receipt.read_text()), **lie}))

    assert receipt.name == Path(receipt_key(receipt.stem)).name
    with pytest.raises(RefusedError, match="40 rows came in"):
        finish(open_files(str(tmp_path / "out")), NOW)


def test_a_worker_with_another_artifact_does_nothing(tmp_path: Path) -> None:
    written(tmp_path / "in/a.csv", ROWS)
    files_in, files_out = open_files(str(tmp_path / "in")), open_files(str(tmp_path / "out"))
    run = the_run(service_of(identity()), files_in, files_out, Options())
    run, [part] = plan(service_of(identity()), files_in, files_out, run)

    with pytest.raises(RefusedError, match="is pinned to"):
        run_partition(service_of(classifier()), files_in, files_out, Task(run=run, partition=part))
