"""
How much is simulated, and by how many processes at once.

They are started afresh ("spawn"): a process that shows a spinner has a thread, and must not fork.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from signal import SIG_IGN, SIGINT, signal
from typing import TypeVar

from wherry_control.simulation.scenarios import Cell

CHUNK = 20  # runs of one cell that one process does in one go
PERCENT = 100

T = TypeVar("T")
Work = Callable[[Cell, int, Sequence[int]], list[T]]


@dataclass(frozen=True, kw_only=True)
class Effort:
    """So many `runs` of each cell. `progress` is told how far it is, now and then."""

    runs: int
    seed: int
    processes: int
    progress: Callable[[str], None]

    def of(self, cells: Sequence[Cell], work: Work[T]) -> list[list[T]]:
        """All runs of each cell, in the order of cells and runs; `work` must pickle."""
        with _processes(self.processes) as pool:
            started = [
                [pool.submit(work, cell, self.seed, numbers) for numbers in self._chunks()]
                for cell in cells
            ]
            self._wait([future for futures in started for future in futures])
            return [[told for future in futures for told in future.result()] for futures in started]

    def _wait(self, started: Sequence[Future[list[T]]]) -> None:
        tenth = max(len(started) // 10, 1)
        for done, _ in enumerate(as_completed(started), 1):
            if done % tenth == 0:
                self.progress(f"{done * PERCENT // len(started)} %")

    def _chunks(self) -> list[range]:
        return [range(first, min(first + CHUNK, self.runs)) for first in range(0, self.runs, CHUNK)]


@contextmanager
def _processes(count: int) -> Iterator[Executor]:
    """A pool that ends soon when it is interrupted: what was not begun never is."""
    pool = ProcessPoolExecutor(
        count,
        mp_context=get_context("spawn"),
        initializer=signal,
        initargs=(SIGINT, SIG_IGN),  # Ctrl-C is for the process that waits
    )
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
