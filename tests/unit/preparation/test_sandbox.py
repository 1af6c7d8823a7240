"""A child is confined or does not start; what it says is no more trusted than what it opens."""

import errno
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from models.preparation.sandbox import endings, landlock, seccomp, syscalls
from models.preparation.sandbox.confine import confine, confined
from models.preparation.sandbox.limits import Limits
from models.preparation.sandbox.served import serve
from models.preparation.sandbox.watch import Use, over
from wherry.errors import ConfigurationError, ToolError, UnsafeError

HEADERS = {
    0: Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    1: Path("/usr/include/asm-generic/unistd.h"),
}


@dataclass
class Kernel:
    """One that has Landlock of `abi`; `rules` are the rights that it was asked for, by path."""

    abi: int = 7
    machine: str = "x86_64"
    rules: dict[str, int] = field(default_factory=dict)
    attributes: bytes = b""

    def landlock_abi(self) -> int:
        if not self.abi:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        return self.abi

    def create_ruleset(self, attributes: bytes) -> int:
        self.attributes = attributes
        return os.open(os.devnull, os.O_RDONLY)

    def add_path(self, ruleset: int, rights: int, path: str) -> None:
        assert ruleset
        self.rules[path] = rights

    def restrict(self, ruleset: int) -> None: ...
    def no_new_privileges(self) -> None: ...
    def drop_capabilities(self) -> None: ...
    def filter(self, program: bytes) -> None: ...


def ruled(kernel: Kernel, folder: Path, *readable: Path) -> dict[str, int]:
    landlock.restrict(kernel, folder, readable, Path("/listed"))
    return kernel.rules


def test_where_nothing_can_confine_nothing_is_opened(tmp_path: Path) -> None:
    """Another system, or another machine: the refusal says where it would work."""
    with pytest.raises(ToolError, match="Run this on Linux") as caught:
        confine(Kernel(machine=""), Limits(), tmp_path, (), tmp_path)
    assert "in a container" in caught.value.todo


def test_a_process_with_threads_cannot_be_confined(tmp_path: Path) -> None:
    """They would stay outside: pytest's own process has some, once numpy was imported."""
    import threading

    ends = threading.Event()
    thread = threading.Thread(target=ends.wait)
    thread.start()
    try:
        with pytest.raises(ToolError, match="would stay outside"):
            confine(Kernel(), Limits(), tmp_path, (), tmp_path)
    finally:
        ends.set()
        thread.join()


def test_a_kernel_without_landlock_says_so(tmp_path: Path) -> None:
    """There is no half of a confinement."""
    with pytest.raises(OSError, match="not supported"):
        ruled(Kernel(abi=0), tmp_path)


def test_only_the_folder_can_be_written(tmp_path: Path) -> None:
    """And nobody can make a link, a socket or a device there."""
    rules = ruled(Kernel(), tmp_path)

    writes = {
        path for path, rights in rules.items() if rights & (landlock.WRITE | landlock.MAKE_FILE)
    }
    assert writes == {str(tmp_path), "/dev/null"}
    links_and_devices = sum(1 << bit for bit in (6, 9, 10, 11, 12))
    assert not rules[str(tmp_path)] & links_and_devices
    assert not any(rights & landlock.EXECUTE for rights in rules.values())
    assert rules["/listed"] == landlock.LIST


@pytest.mark.parametrize("abi", range(1, 9))
def test_no_kernel_is_asked_for_what_it_does_not_know(abi: int, tmp_path: Path) -> None:
    """Each version of Landlock refuses rights that are newer than it is."""
    kernel = Kernel(abi=abi)

    rules = ruled(kernel, tmp_path)

    handled = int.from_bytes(kernel.attributes[:8], "little")
    assert handled == landlock.ALL[min(abi, 5)]
    assert all(rights & handled == rights for rights in rules.values())
    assert len(kernel.attributes) == (8 if abi < 4 else 16 if abi < 6 else 24)


def test_a_file_gets_no_right_of_folders(tmp_path: Path) -> None:
    """Landlock refuses a rule that would list a file."""
    file = tmp_path / "model.pkl"
    file.write_bytes(b"")

    assert ruled(Kernel(), tmp_path, file)[str(file)] == landlock.READ


@pytest.mark.parametrize("column", HEADERS)
def test_numbers_of_calls_are_the_kernels_own(column: int) -> None:
    """A wrong one would refuse a harmless call, and let a harmful one pass."""
    if not HEADERS[column].exists():
        pytest.skip("no kernel headers on this machine")
    words = [line.split() for line in HEADERS[column].read_text().splitlines()]
    numbers = {
        word[1].removeprefix("__NR_").removeprefix("__NR3264_"): word[2]
        for word in words
        if len(word) == 3 and word[1].startswith("__NR") and word[2].isdecimal()
    }

    for name, told in {**syscalls.REFUSED, **syscalls.SCHEDULING}.items():
        if told[column] is not None:
            assert numbers[name] == str(told[column]), name


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_the_filter_is_one_that_a_kernel_takes(machine: str) -> None:
    """Whole instructions, no jump beyond the end, and an answer at the end."""
    program = seccomp.program(machine, 1)

    assert not len(program) % 8
    assert len(program) // 8 < 4096
    assert program[-8:-4] == b"\x06\0\0\0"


def test_a_server_works_in_a_child_alone() -> None:
    """Started by hand, it would open files unconfined."""
    assert not confined()
    with pytest.raises(ToolError, match="not confined"):
        serve({})


@pytest.mark.parametrize(
    "line",
    [
        b"no JSON",
        b"[" * 100_000,
        b"[]",
        b'{"answer": 1}',
        b'{"error": {"kind": 1}}',
        b"{}",
        b"null",
    ],
)
def test_what_is_no_answer_is_none(line: bytes) -> None:
    """A child that was taken over can say anything."""
    assert endings.understood(line) is None


def test_an_error_of_the_child_is_one_of_ours_and_plain() -> None:
    """No other class is made by its name, and no terminal acts on its text."""
    told = {"kind": "WherryError.__init__", "where": "a\x1b[2J", "what": "b\r\nc", "todo": ""}

    error = endings.understood(json.dumps({"error": told}).encode())

    assert isinstance(error, UnsafeError)
    assert str(error) == "a [2J: b  c"
    known = endings.understood(
        json.dumps({"error": told | {"kind": "ConfigurationError"}}).encode()
    )
    assert type(known) is ConfigurationError


@pytest.mark.parametrize(
    ("code", "log", "told"),
    [
        (-24, b"", "more than 300 seconds of CPU time"),
        (-25, b"", "writes more than 4 GiB"),
        (-9, b"", "no memory left"),
        (-31, b"", "no business with"),
        (-6, b"terminate called\nstd::bad_alloc\nAborted\n", "more than 8 GiB of memory"),
        (-11, b"a line\nthe last\x1b[1m\n", "signal SIGSEGV: the last [1m"),
        (-40, b"", "signal 40"),
        (3, b"", "exit code 3: it said nothing"),
    ],
)
def test_each_end_is_told_in_a_line(code: int, log: bytes, told: str, tmp_path: Path) -> None:
    """By what ended it, or by the last line of its log."""
    (tmp_path / "log").write_bytes(log)
    with (tmp_path / "log").open("rb") as file:
        error = endings.ended(code, file.fileno(), Limits())

    assert told in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (Use(cpu=12.1), "CPU time"),
        (Use(cpu=11.9), None),
        (Use(threads=9), "threads"),
        (Use(bytes=301), "writes more than 100 bytes"),
        (Use(bytes=300), None),
        (Use(files=7), "files"),
    ],
)
def test_what_is_over_is_counted_from_the_request(now: Use, told: str | None) -> None:
    """What a child used before, or found in its folder, is not held against the next request."""
    before = Use(cpu=2, threads=8, bytes=200, files=2)
    limits = Limits(cpu_seconds=10, threads=8, disk_bytes=100, files=4)

    found = over(before, now, limits)

    assert (told is None and found is None) or (told is not None and told in str(found))
