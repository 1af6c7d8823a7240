"""
What a child uses, seen from outside: CPU time, threads, and what it wrote.

The kernel bounds memory and the size of one file; these it does not bound for one request. A child
that is over is seen within `PERIOD`.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.preparation.sandbox.limits import Limits

PERIOD = 0.2  # seconds
UTIME, STIME, THREADS = 11, 12, 17  # of /proc/<pid>/stat, behind the name
BLOCK = 512
DEEP = 64
ANY_NUMBER = 1 << 62  # bytes: over every bound


@dataclass(frozen=True)
class Use:
    """`cpu` in seconds; `bytes` and `files` are what lies in the folder or is held and removed."""

    cpu: float = 0.0
    threads: int = 0
    bytes: int = 0
    files: int = 0


def use(pid: int, folder: Path) -> Use:
    """Zeros for a process that has ended."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return Use()
    cpu = (int(told[UTIME]) + int(told[STIME])) / os.sysconf("SC_CLK_TCK")
    sizes = [*_below(folder), *_removed(pid, folder)]
    return Use(cpu, int(told[THREADS]), sum(sizes), len(sizes))


def lying(folder: Path) -> Use:
    """What is in a folder before a child starts there."""
    sizes = [*_below(folder)]
    return Use(bytes=sum(sizes), files=len(sizes))


def over(before: Use, now: Use, limits: Limits) -> str | None:
    """What the child did too much of since `before`, in words; None if nothing."""
    judged = (
        (now.cpu - before.cpu > limits.cpu_seconds, limits.over_cpu),
        (now.threads > limits.threads, limits.over_threads),
        (now.bytes - before.bytes > limits.disk_bytes, limits.over_disk),
        (now.files - before.files > limits.files, limits.over_files),
    )
    return next((told for is_over, told in judged if is_over), None)


def _below(folder: Path | str, depth: int = 0) -> Iterator[int]:
    """The bytes of every file and folder; where nobody can look, there may be any number."""
    if depth > DEEP:
        yield ANY_NUMBER
        return
    try:
        entries = [*os.scandir(folder)]
    except (FileNotFoundError, NotADirectoryError):
        return  # it went meanwhile
    except OSError:  # a path too long for the system, a folder that may not be listed
        yield ANY_NUMBER
        return
    for entry in entries:
        try:
            told = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
        except OSError:
            yield ANY_NUMBER
            continue
        yield told.st_blocks * BLOCK
        if stat.S_ISDIR(told.st_mode):
            yield from _below(entry.path, depth + 1)


def _removed(pid: int, folder: Path) -> Iterator[int]:
    """
    Files that have no name any more, and are still open or mapped: how long a mapped one is, nobody
    can see. By thread: the first one can have ended, and its siblings go on.
    """
    for task in _names(f"/proc/{pid}/task"):
        here = f"/proc/{pid}/task/{task}"
        if names := _names(f"{here}/fd"):
            yield from filter(None, (_nameless(f"{here}/fd/{name}") for name in names))
            yield from (ANY_NUMBER for _ in _mapped(here, folder))
            return  # all threads have the same files


def _nameless(descriptor: str) -> int:
    try:
        told = os.stat(descriptor)  # noqa: PTH116 - it is no path of a file
    except OSError:
        return 0
    return told.st_blocks * BLOCK if stat.S_ISREG(told.st_mode) and not told.st_nlink else 0


def _mapped(task: str, folder: Path) -> list[str]:
    try:
        lines = Path(task, "maps").read_text(errors="replace").splitlines()
    except OSError:
        return []
    return [each for each in lines if each.endswith(" (deleted)") and f" {folder}/" in each]


def _names(path: str) -> list[str]:
    try:
        return os.listdir(path)  # noqa: PTH208 - numbers, not paths
    except OSError:
        return []
