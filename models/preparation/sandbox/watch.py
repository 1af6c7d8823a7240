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


@dataclass(frozen=True)
class Use:
    """`cpu` in seconds; `bytes` and `files` are what lies in the folder or is open and removed."""

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
    sizes = [*_below(folder), *_removed(pid)]
    return Use(cpu, int(told[THREADS]), sum(sizes), len(sizes))


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
    """The bytes of every file and folder; one too deep counts as all the files there may be."""
    try:
        entries = [*os.scandir(folder)]
    except OSError:
        return
    for entry in entries:
        try:
            told = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        yield told.st_blocks * BLOCK
        if stat.S_ISDIR(told.st_mode) and depth < DEEP:
            yield from _below(entry.path, depth + 1)


def _removed(pid: int) -> Iterator[int]:
    """Files that have no name any more and are still open."""
    try:
        names = os.listdir(f"/proc/{pid}/fd")  # noqa: PTH208 - numbers, not paths
    except OSError:
        return
    for name in names:
        try:
            told = os.stat(f"/proc/{pid}/fd/{name}")  # noqa: PTH116 - see above
        except OSError:
            continue
        if stat.S_ISREG(told.st_mode) and not told.st_nlink:
            yield told.st_blocks * BLOCK
