"""What a child cannot do, tried by a real one; and what a framework in it still can."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from models.preparation.sandbox import Child, Limits
from models.preparation.sources.environments import python_of
from wherry.errors import ToolError, UnsafeError

SMALL = Limits(
    cpu_seconds=20,
    wall_seconds=20,
    memory_bytes=1 << 30,
    disk_bytes=50 << 20,
    files=100,
    threads=64,
)
DENIED = "PermissionError"


def asked(folder: Path, verb: str, limits: Limits = SMALL, **told: Any) -> dict[str, Any]:
    with Child("tests.support.confined", folder=folder, limits=limits) as child:
        return child.ask(verb, **told)


@pytest.mark.parametrize("family", [1, 2, 10, 16, 17, 38, 40])
def test_it_opens_no_socket(family: int, child: Child) -> None:
    """Of no family: a Unix socket leads to a container engine or an agent that holds keys."""
    for kind in (1, 2, 3):
        came = child.ask("call", name="socket.socket", arguments=[family, kind])
        assert came["came"] == DENIED
    assert child.ask("call", name="socket.socketpair", arguments=[])["came"] == DENIED


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("os.execv", ["/bin/true", ["true"]]),
        ("subprocess.run", [["/bin/true"]]),
        ("os.fork", []),
        ("os.posix_spawn", ["/bin/true", ["true"], {}]),
        ("os.chmod", ["/tmp", 0o777]),
        ("os.chown", [".", 0, 0]),
        ("os.utime", ["."]),
        ("os.truncate", ["child.log", 0]),
        ("os.symlink", ["/etc/passwd", "link"]),
        ("os.mkfifo", ["pipe"]),
        ("os.mknod", ["device", 0o20600, 259]),
        ("os.memfd_create", ["memory"]),
        ("os.setpriority", [0, 0, 5]),
        ("os.chroot", ["."]),
    ],
)
def test_it_calls_nothing_that_reaches_further(
    name: str, arguments: list[Any], child: Child
) -> None:
    """No program, no process, no link, no mode, no memory that nobody counts."""
    came = child.ask("call", name=name, arguments=arguments)["came"]

    assert came == DENIED


def test_it_reads_no_file_of_anybodys(child: Child, root: Path, tmp_path: Path) -> None:
    """Not the home, not keys, not the checkout's history, not another process."""
    (tmp_path / "credentials").write_text("[default]")
    for path in (
        tmp_path / "credentials",
        Path.home() / ".bashrc",
        Path.home() / ".aws" / "credentials",
        "/etc/passwd",
        root / "README.md",
        root / ".git" / "HEAD",
        root / "models" / "iris" / "train.py",
        f"/proc/{os.getpid()}/environ",
        f"/proc/{os.getpid()}/mem",
        "/proc/1/cmdline",
    ):
        if Path(path).exists():
            assert child.ask("read", path=str(path))["came"] == DENIED, path
    assert child.ask("listed", path=str(Path.home()))["came"] == DENIED
    assert child.ask("listed", path=str(tmp_path))["came"] == DENIED


def test_it_writes_nowhere_but_in_its_folder(child: Child, root: Path, tmp_path: Path) -> None:
    """Not beside it, not in the libraries that it reads, not in the machine's shared memory."""
    assert child.ask("write", path="own.txt")["came"] == "done"
    for path in (
        tmp_path / "x",
        root / "x",
        root / "models/preparation/x.py",
        "/tmp/x",
        "/dev/shm/x",
    ):
        assert child.ask("write", path=str(path))["came"] == DENIED, path
        assert not Path(path).exists()


def test_what_it_may_read_it_cannot_write(tmp_path: Path) -> None:
    """`readable` is a file or a folder beside the child's own."""
    own, given = tmp_path / "own", tmp_path / "given"
    own.mkdir()
    given.mkdir()
    (given / "model.pkl").write_bytes(b"")

    with Child("tests.support.confined", folder=own, readable=(given,)) as child:
        assert child.ask("read", path=str(given / "model.pkl"))["came"] == "done"
        assert child.ask("write", path=str(given / "model.pkl"))["came"] == DENIED
        assert child.ask("write", path=str(given / "new"))["came"] == DENIED
        link = child.ask("call", name="os.link", arguments=[str(given / "model.pkl"), "link"])
        assert link["came"] != "done"


def test_it_knows_no_name_of_ours(child: Child) -> None:
    """The tests' own keys are in this process's environment, and not in the child's."""
    names = child.ask("environment")["names"]

    assert "AWS_ACCESS_KEY_ID" in os.environ
    assert not [name for name in names if "AWS" in name or "TOKEN" in name or "PROXY" in name]


def test_it_cannot_end_another_process(child: Child) -> None:
    """It can end itself alone: libraries do, to give up."""
    assert child.ask("signal_parent")["came"] == DENIED


@pytest.mark.parametrize(
    ("verb", "limits", "told"),
    [
        ("spin", Limits(cpu_seconds=1), "more than 1 seconds of CPU time"),
        ("sleep", Limits(wall_seconds=1), "no answer within 1 seconds"),
        ("hog_memory", SMALL, "more than 1 GiB of memory"),
        ("hog_shared_memory", SMALL, "more than 1 GiB of memory"),
        ("hog_file", SMALL, "writes more than 50 MiB"),
        ("hog_files", SMALL, "writes more than 5"),
        ("hog_removed_files", SMALL, "writes more than"),
        ("hog_removed_maps", SMALL, "writes more than 50 MiB"),
        ("hog_threads", SMALL, "starts more than 64 threads"),
    ],
)
def test_a_hog_ends_within_its_bounds(verb: str, limits: Limits, told: str, tmp_path: Path) -> None:
    """And one line says what it was."""
    began = time.monotonic()
    with pytest.raises(UnsafeError, match=told) as caught:
        asked(tmp_path, verb, limits)

    assert "\n" not in str(caught.value)
    assert time.monotonic() - began < 20
    written = sum(file.stat().st_blocks * 512 for file in tmp_path.rglob("*"))
    assert written < 2 << 30


def test_a_fork_bomb_does_not_begin(tmp_path: Path) -> None:
    """No process is started at all."""
    assert asked(tmp_path, "fork_bomb") == {"came": DENIED, "number": 1}


def test_bounds_are_for_one_request(tmp_path: Path) -> None:
    """CPU time of the requests before is not held against the next."""
    with Child("tests.support.confined", folder=tmp_path, limits=Limits(cpu_seconds=1)) as child:
        for _ in range(4):
            child.ask("busy", seconds=0.5)


def test_blas_gets_its_threads(child: Child) -> None:
    """They start inside the confinement, and share it."""
    assert child.ask("count")["sum"] == 512**3


def test_a_file_in_its_folder_is_not_taken_for_a_module(tmp_path: Path) -> None:
    """What was unpacked there can be called like the standard library, or like ours."""
    for name in ("json.py", "models.py", "wherry.py", "sitecustomize.py"):
        (tmp_path / name).write_text("open('marker', 'w').close()\n")

    assert asked(tmp_path, "count")["sum"] == 512**3
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("line", ["[[[\n", '{"answer": []}\n'])
def test_what_is_no_answer_ends_the_child(line: str, tmp_path: Path) -> None:
    """A child that speaks past `serve` is not asked again."""
    with pytest.raises(UnsafeError, match="is no answer"):
        asked(tmp_path, "say", line=line)


def test_an_end_is_told_by_its_last_line(tmp_path: Path) -> None:
    """Without what a terminal would act on."""
    with pytest.raises(ToolError, match="exit code 7: the end "):
        asked(tmp_path, "fall", last="line\nthe end \x1b\n")
    with pytest.raises(UnsafeError, match="CPU time"):
        asked(tmp_path, "end", number=int(signal.SIGXCPU))


@pytest.mark.parametrize(
    "framework", ["sklearn", "onnxruntime", "xgboost", "lightgbm", "catboost", "torch"]
)
def test_a_framework_works_inside(framework: str, tmp_path: Path) -> None:
    """Trained, kept, read back and asked, with threads, by the interpreter of its environment."""
    group: Any = None if framework in {"sklearn", "onnxruntime"} else framework
    try:
        python = python_of(group)
    except ToolError as error:
        pytest.skip(str(error))

    with Child("tests.support.frameworks", folder=tmp_path, python=python) as child:
        told = child.ask(framework)

    assert told.get("right", 1) > 0.9
