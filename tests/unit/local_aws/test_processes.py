"""What runs on after the command ended is found again, ended whole, and never mistaken."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local_aws import processes

DEAF = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "open(sys.argv[1], 'w').close(); time.sleep(60)"
)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "one.pid"
    yield path
    processes.stop(path, grace=0)


def start(record: Path, code: str, *words: str) -> int:
    return processes.start(
        [sys.executable, "-c", code, *words],
        environment={"PATH": os.environ["PATH"]},
        log=record.with_suffix(".log"),
        record=record,
    )


def until(ready: Path) -> None:
    while not ready.exists():
        os.sched_yield()


def test_a_started_process_is_found_by_its_record(record: Path) -> None:
    pid = start(record, "import time; time.sleep(60)")

    assert processes.running(record) == pid


def test_it_has_a_session_of_its_own(record: Path) -> None:
    """The end of the terminal, or Ctrl-C in it, does not reach it."""
    pid = start(record, "import time; time.sleep(60)")

    assert os.getsid(pid) == pid


def test_stop_ends_it_and_forgets_it(record: Path) -> None:
    start(record, "import time; time.sleep(60)")

    assert processes.stop(record) is True
    assert not record.exists()
    assert processes.stop(record) is False


def test_one_that_ignores_the_request_is_ended_by_force(record: Path, tmp_path: Path) -> None:
    deaf = tmp_path / "deaf"
    pid = start(record, DEAF, str(deaf))
    until(deaf)

    assert processes.stop(record, grace=0.1) is True
    assert processes.birth(pid) is None


def test_one_that_ended_by_itself_runs_no_more(record: Path) -> None:
    pid = start(record, "pass")

    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    assert processes.running(record) is None


def test_a_pid_that_now_belongs_to_another_is_left_alone(record: Path) -> None:
    """After a crash and a reboot the number in the record may be anybody's."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        record.write_text(json.dumps({"pid": stranger.pid, "birth": "another boot 123"}))

        assert processes.running(record) is None
        assert processes.stop(record) is False
        assert stranger.poll() is None
        stranger.communicate(b"\n")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": "x", "birth": "y"}'])
def test_a_broken_record_tells_of_nobody(record: Path, text: str) -> None:
    record.write_text(text)

    assert processes.running(record) is None


def test_its_words_are_in_the_log(record: Path) -> None:
    pid = start(record, "print('hello')")

    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    assert record.with_suffix(".log").read_text() == "hello\n"
