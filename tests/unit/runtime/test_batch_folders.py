"""Where results may go, and what a folder of a run says to another run and to a changed input."""

from pathlib import Path

import pytest

from tests.support.batches import the_run, written
from tests.support.onnx_models import identity
from tests.support.services import service_of
from wherry.batch.contract import Drift, Options, Partition
from wherry.batch.drift import drift
from wherry.batch.files import open_files
from wherry.batch.planning import plan
from wherry.errors import RefusedError

ROWS = [{"x": 1.0 * n} for n in range(40)]


def _planned(source: Path, output: Path, options: Options | None = None) -> list[Partition]:
    files_in, files_out = open_files(str(source)), open_files(str(output))
    service = service_of(identity())
    run = the_run(service, files_in, files_out, options or Options())
    return plan(service, files_in, files_out, run)[1]


@pytest.mark.parametrize(
    ("source", "options", "told"),
    [
        ("in", Options(to="csv"), "its --to is not given, and here it is csv"),
        ("in", Options(id="x", keep=("x", "x")), "its --id is not given, and here it is x"),
        ("in", Options(format="csv"), "its --format is not given, and here it is csv"),
        ("in/a.csv", Options(), "its input is "),
    ],
)
def test_a_folder_holds_one_run_and_another_hears_in_what_it_differs(
    tmp_path: Path, source: str, options: Options, told: str
) -> None:
    written(tmp_path / "in/a.csv", ROWS)
    _planned(tmp_path / "in", tmp_path / "out")

    with pytest.raises(RefusedError, match=f"this folder holds another run: {told}"):
        _planned(tmp_path / source, tmp_path / "out", options)


@pytest.mark.parametrize(
    ("there", "output", "told"),
    [
        ("out/deep/notes.txt", "out", r"it is not empty \(deep/notes.txt is there\)"),
        ("out/x", "out/x", "results are a folder, not one file"),
        ("other", "out/x.csv", "results are a folder, not one file"),
        ("other", "out/x.parquet", "results are a folder, not one file"),
    ],
)
def test_results_do_not_go_among_the_files_of_others(
    tmp_path: Path, there: str, output: str, told: str
) -> None:
    written(tmp_path / "in/a.csv", ROWS)
    (tmp_path / there).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / there).touch()

    with pytest.raises(RefusedError, match=told):
        _planned(tmp_path / "in", tmp_path / output)


def test_what_is_hidden_in_a_folder_does_not_fill_it(tmp_path: Path) -> None:
    written(tmp_path / "in/a.csv", ROWS)
    (tmp_path / "out/_old").mkdir(parents=True)
    (tmp_path / "out/_old/x").touch()
    (tmp_path / "out/.DS_Store").touch()

    assert _planned(tmp_path / "in", tmp_path / "out")


def test_what_came_changed_or_went_since_the_plan_is_counted(tmp_path: Path) -> None:
    for name in ("same", "changes", "goes"):
        written(tmp_path / f"in/{name}.csv", ROWS)
    (tmp_path / "in/header.csv").write_text("x\n")
    files_in, files_out = open_files(str(tmp_path / "in")), open_files(str(tmp_path / "out"))
    service = service_of(identity())
    run = the_run(service, files_in, files_out, Options())
    run, parts = plan(service, files_in, files_out, run)
    assert not drift(service, files_in, run, parts)

    written(tmp_path / "in/changes.csv", ROWS[:3])
    (tmp_path / "in/goes.csv").unlink()
    written(tmp_path / "in/comes.csv", ROWS)
    written(tmp_path / "in/odd.txt", ROWS)
    found = drift(service, files_in, run, parts)
    for file in (tmp_path / "in").iterdir():
        file.unlink()

    assert found == Drift(new=2, changed=1, gone=1)
    assert drift(service, files_in, run, parts) == Drift(gone=3)


@pytest.mark.parametrize("output", ["in", "in/out", "."])
def test_results_among_the_inputs_are_refused(tmp_path: Path, output: str) -> None:
    written(tmp_path / "in/a.csv", ROWS)

    with pytest.raises(RefusedError, match="one is inside the other"):
        _planned(tmp_path / "in", tmp_path / output)


def test_what_is_refused_leaves_the_folder_to_the_corrected_run(tmp_path: Path) -> None:
    written(tmp_path / "in/a.csv", ROWS)
    with pytest.raises(RefusedError, match="key"):
        _planned(tmp_path / "in", tmp_path / "out", Options(id="key"))

    assert _planned(tmp_path / "in", tmp_path / "out", Options(id="x"))
