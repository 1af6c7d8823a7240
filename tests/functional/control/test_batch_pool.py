"""A pool of real processes: whichever of them dies, each partition is done or told."""

import os
import signal
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.support.batch_runs import RUN, partitions
from tests.support.batch_work import Work
from tests.support.emulated import until
from wherry.batch.contract import Receipt, Task
from wherry.errors import ArtifactError
from wherry_control.batch.pool import Pool
from wherry_control.batch.trying import Failed

PARENT = """
import sys
from pathlib import Path
from tests.support.batch_runs import RUN, partitions
from tests.support.batch_work import Work
from wherry.batch.contract import Task
from wherry_control.batch.pool import Pool

if __name__ == "__main__":
    work = Work(Path(sys.argv[1]))
    tasks = [Task(run=RUN, partition=each) for each in partitions("slow-1", "slow-2")]
    list(Pool(work, 2, lambda rows: None).outcomes(tasks))
"""


def tasks(*names: str) -> list[Task]:
    return [Task(run=RUN, partition=each) for each in partitions(*names)]


def outcomes(folder: Path, *names: str) -> dict[str, Receipt | Failed]:
    ticks: list[int] = []
    told = {each.name: each for each in Pool(Work(folder), 2, ticks.append).outcomes(tasks(*names))}
    assert ticks == sorted(ticks)
    return told


def workers(folder: Path) -> set[int]:
    """The processes that have begun a partition."""
    return {int(file.read_text() or 0) for file in folder.iterdir()} - {0}


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_partitions_are_shared_out_among_processes(tmp_path: Path) -> None:
    names = [f"part-{number}" for number in range(12)]

    told = outcomes(tmp_path, *names)

    assert sorted(told) == sorted(names)
    assert all(isinstance(each, Receipt) for each in told.values())
    assert 0 < len(workers(tmp_path)) <= 2
    assert os.getpid() not in workers(tmp_path)


def test_a_partition_that_kills_its_worker_is_given_up_and_its_neighbours_are_not(
    tmp_path: Path,
) -> None:
    names = ["part-1", "fatal", "part-2", "part-3", "part-4"]

    told = outcomes(tmp_path, *names)

    assert sorted(told) == sorted(names)
    failed = [each for each in told.values() if isinstance(each, Failed)]
    assert [each.name for each in failed] == ["fatal"]
    assert "killed 4 times, for want of memory mostly" in failed[0].reason
    assert len(list(tmp_path.glob("fatal.*"))) == 4  # once, and three times again


def test_a_worker_that_is_killed_once_costs_nothing_but_time(tmp_path: Path) -> None:
    told = outcomes(tmp_path, "weak-1", "part-1", "weak-2", "part-2")

    assert all(isinstance(each, Receipt) for each in told.values())
    assert len(told) == 4


def test_what_would_befall_every_partition_is_raised_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"model\.onnx: it was altered\. Publish it again"):
        outcomes(tmp_path, "broken", "part-1", "part-2", "part-3")

    assert not any(map(is_alive, workers(tmp_path)))


def test_whoever_stops_listening_stops_the_workers(tmp_path: Path) -> None:
    pool = Pool(Work(tmp_path), 2, lambda _rows: None)

    with closing(pool.outcomes(tasks("slow", "part-1"))) as told:
        assert isinstance(next(told), Receipt)
        assert any(map(is_alive, workers(tmp_path)))

    assert not any(map(is_alive, workers(tmp_path)))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_outlives_its_parent(tmp_path: Path, how: signal.Signals) -> None:
    script, folder = tmp_path / "parent.py", tmp_path / "tries"
    script.write_text(PARENT)
    folder.mkdir()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    with subprocess.Popen(
        [sys.executable, str(script), str(folder)], env=environment, stderr=subprocess.DEVNULL
    ) as parent:
        until(lambda: len(workers(folder)) == 2)
        os.kill(parent.pid, how)
        parent.wait(timeout=30)

    try:
        until(lambda: not any(map(is_alive, workers(folder))), seconds=10)
    finally:
        for process in filter(is_alive, workers(folder)):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
