"""A command, watched: its seconds, the CPU seconds of all its processes, and the most they held."""

import os
import resource
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

PROC = Path("/proc")
LOOK = 0.05  # seconds between two looks at the memory
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Took:
    """
    `peak` is the largest sum of the resident bytes of the process and of all below it, `own` that
    without what they share with files; both are 0 where there is no `/proc`.
    """

    seconds: float
    cpu: float
    peak: int
    own: int


def watched(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Took:
    """Raise RuntimeError with what it said if it fails."""
    before, began, peak, own = _cpu(), time.perf_counter(), 0, 0
    with (
        TemporaryFile() as said,
        subprocess.Popen(
            list(words), cwd=folder, env=dict(environment), stdout=said, stderr=said
        ) as process,
    ):
        while not _ended(process):
            resident, shared = map(sum, zip(*map(_pages, _family(process.pid)), strict=True))
            peak, own = max(peak, resident), max(own, resident - shared)
        seconds = time.perf_counter() - began
        if process.returncode:
            said.seek(0)
            raise RuntimeError(said.read().decode(errors="replace")[-3000:])
    return Took(seconds, _cpu() - before, peak * PAGE, own * PAGE)


def _ended(process: "subprocess.Popen[bytes]") -> bool:
    try:
        process.wait(LOOK)
    except subprocess.TimeoutExpired:
        return False
    return True


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _family(pid: int) -> Iterator[int]:
    """It and all its descendants, while they live."""
    yield pid
    for task in PROC.glob(f"{pid}/task/*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _family(int(child))


def _pages(pid: int) -> tuple[int, int]:
    """Resident ones, and those of them that are shared."""
    try:
        _, resident, shared, *_ = (PROC / f"{pid}/statm").read_text().split()
    except (OSError, ValueError):
        return 0, 0
    return int(resident), int(shared)
