"""`wherry batch run` on this machine, as people type it, with a real model and real processes."""

import json
import os
import signal
import subprocess
from pathlib import Path

import boto3
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.emulated import local_aws, until
from tests.support.project import WHERRY, Project
from wherry.batch.contract import RECEIPTS

FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
GROUP = 1000
FILES = 24


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project.copy(tmp_path_factory.mktemp("batch") / "checkout")
    for step in ("train", "prepare", "publish"):
        made.wherry(step, "iris")
    return made


def write_rows(folder: Path, files: int, groups: int = 1) -> int:
    """So many Parquet files with so many row groups; how many rows."""
    folder.mkdir()
    chance = np.random.default_rng(20261126)
    for number in range(files):
        rows = chance.uniform(0.1, 7.9, (GROUP * groups, len(FEATURES))).astype("float32")
        names = [f"{number}-{row}" for row in range(len(rows))]
        columns = {name: rows[:, place] for place, name in enumerate(FEATURES)}
        table = pa.table({"flower": names, **columns})
        pq.write_table(table, folder / f"{number}.parquet", row_group_size=GROUP)
    return files * groups * GROUP


def flowers(folder: Path) -> list[str]:
    """The id of each row that has a result."""
    tables = [pq.read_table(file, columns=["flower"]) for file in folder.glob("*.parquet")]
    return [name for table in tables for name in table["flower"].to_pylist()]


def receipts(folder: Path) -> list[Path]:
    return sorted((folder / RECEIPTS).glob("*.json"))


def test_every_row_is_answered_once_and_a_second_run_does_nothing(
    project: Project, tmp_path: Path
) -> None:
    rows, out = write_rows(tmp_path / "in", files=4), tmp_path / "out"
    words = ("batch", "run", "iris", "--input", str(tmp_path / "in"), "--output", str(out))

    first = project.wherry(*words, "--id", "flower")
    again = project.wherry(*words, "--id", "flower")

    assert (first["rows"], first["predicted"], first["refused"]) == (rows, rows, 0)
    assert (first["complete"], first["partitions"], first["already"]) == (True, 4, 0)
    assert (again["complete"], again["partitions"], again["already"]) == (True, 4, 4)
    names = flowers(out)
    assert len(names) == len(set(names)) == rows


def test_a_run_whose_files_are_lost_in_part_does_only_those(
    project: Project, tmp_path: Path
) -> None:
    write_rows(tmp_path / "in", files=3)
    out = tmp_path / "out"
    words = ("batch", "run", "iris", "--input", str(tmp_path / "in"), "--output", str(out))
    project.wherry(*words)
    before = {file: file.stat().st_mtime_ns for file in out.glob("*.parquet")}
    receipts(out)[0].unlink()

    told = project.run(*words)

    assert told.code == 0
    assert "3 of 3 done, 2 of them before" in " ".join(told.out.split())
    assert {file: file.stat().st_mtime_ns for file in out.glob("*.parquet")} == before


def test_parts_have_no_more_rows_than_asked_and_a_resumed_run_the_same(
    project: Project, tmp_path: Path
) -> None:
    rows, out = write_rows(tmp_path / "in", files=1, groups=2), tmp_path / "out"
    words = ("batch", "run", "iris", "--input", str(tmp_path / "in"), "--output", str(out))

    told = project.wherry(*words, "--part-rows", "300", "--id", "flower")
    receipts(out)[0].unlink()
    again = project.wherry(*words, "--part-rows", "300", "--id", "flower")
    other = project.run(*words, "--part-rows", "301", "--id", "flower")

    assert (told["rows"], told["partitions"]) == (rows, 8)  # a row group has 1000
    assert (again["partitions"], again["already"], again["complete"]) == (8, 7, True)
    names = flowers(out)
    assert len(names) == len(set(names)) == rows
    assert other.code == 3
    assert "its --part-rows is 300, and here it is 301" in other.err


def test_a_run_that_predicts_no_row_at_all_has_failed_and_tells_why(
    project: Project, tmp_path: Path
) -> None:
    rows = "".join(f"f{number},'5,1',1,2,3\n" for number in range(100)).replace("'", '"')
    (tmp_path / "in.csv").write_text(f"flower,{','.join(FEATURES)}\n{rows}")
    places = ("--input", str(tmp_path / "in.csv"), "--output", str(tmp_path / "out"))

    told = project.run("batch", "run", "iris", *places)
    as_json = project.run("batch", "run", "iris", *places, "--json")

    assert (told.code, as_json.code) == (3, 3)
    assert '100 of 100: column "sepal_length": "5,1" came; FP32 wants a number' in told.out
    assert "no row was predicted" in told.out
    assert json.loads(as_json.out)["reasons"][0]["rows"] == 100


def test_a_run_that_is_asked_again_tells_what_of_the_input_is_not_in_it(
    project: Project, tmp_path: Path
) -> None:
    write_rows(tmp_path / "in", files=2)
    places = ("--input", str(tmp_path / "in"), "--output", str(tmp_path / "out"))
    words = ("batch", "run", "iris", *places)
    project.wherry(*words)
    (tmp_path / "in/1.parquet").rename(tmp_path / "in/2.parquet")

    told = project.run(*words)

    assert told.code == 0
    assert "files of the input since this run was planned: 1 new, 1 gone" in told.out
    assert project.wherry(*words)["drift"] == {"new": 1, "changed": 0, "gone": 1}
    assert project.wherry(*words, "--dry-run")["drift"]["new"] == 1


def test_a_dry_run_writes_nothing(project: Project, tmp_path: Path) -> None:
    write_rows(tmp_path / "in", files=2)
    words = ("--input", str(tmp_path / "in"), "--output", str(tmp_path / "out"), "--dry-run")

    told = project.run("batch", "run", "iris", *words)

    assert told.out == f"would do 2 of 2 parts into {tmp_path / 'out'}\n"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_stopped_in_the_middle_is_gone_on_with(
    project: Project, tmp_path: Path, how: signal.Signals
) -> None:
    """By Ctrl+C, which the workers get as well, and by what nobody can answer."""
    rows, out = write_rows(tmp_path / "in", files=FILES, groups=10), tmp_path / "out"
    places = ("--input", str(tmp_path / "in"), "--output", str(out))
    words = ("batch", "run", "iris", *places, "--id", "flower", "--workers", "2")

    with subprocess.Popen(
        [str(WHERRY), *words],
        cwd=project.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as stopped:
        until(lambda: receipts(out))
        if how is signal.SIGINT:
            os.killpg(stopped.pid, how)
        else:
            os.kill(stopped.pid, how)
        assert stopped.stderr
        said = stopped.stderr.read()
    done = len(receipts(out))
    finished = project.wherry(*words)

    assert 0 < done < FILES
    if how is signal.SIGINT:
        assert stopped.returncode == 130
        assert "the same command goes on from there" in said
        assert "Traceback" not in said
    assert finished["already"] >= done
    assert finished["predicted"] == rows
    names = flowers(out)
    assert len(names) == len(set(names)) == rows


def test_buckets_are_read_and_written_from_here_too(project: Project, tmp_path: Path) -> None:
    rows = write_rows(tmp_path / "in", files=3)
    places = ("--input", "s3://data/in/", "--output", "s3://data/out")
    with local_aws(tmp_path / "local"):
        files = boto3.client("s3")
        files.create_bucket(Bucket="data")
        for file in (tmp_path / "in").iterdir():
            files.upload_file(str(file), "data", f"in/{file.name}")

        told = project.wherry("batch", "run", "iris", *places, "--here", "--keep", "flower")
        listed = files.list_objects_v2(Bucket="data", Prefix="out/part-")["Contents"]

    assert (told["complete"], told["predicted"], len(listed)) == (True, rows, 3)
    assert told["manifest"] == "s3://data/out/_wherry/manifest.json"


def test_paths_are_not_for_aws(project: Project, tmp_path: Path) -> None:
    words = ("--input", str(tmp_path / "in"), "--output", "s3://data/out")

    told = project.run("batch", "run", "iris", *words)

    assert told.code == 2
    assert "AWS does not see paths of this machine" in told.err
    assert "Add --here." in told.err


def test_a_version_that_was_not_published_is_a_wrong_use(project: Project, tmp_path: Path) -> None:
    write_rows(tmp_path / "in", files=1)
    words = ("--input", str(tmp_path / "in"), "--output", str(tmp_path / "out"))

    told = project.run("batch", "run", "iris", *words, "--version", "7")

    assert told.code == 2
    assert "has no version 7 of iris" in told.err
