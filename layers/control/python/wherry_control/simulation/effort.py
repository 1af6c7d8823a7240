"""
How much is simulated, and by how many processes at once.

They are started afresh ("spawn"): a process that shows a spinner has a thread, and must not fork.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
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
        context = get_context("spawn")
        with ProcessPoolExecutor(self.processes, mp_context=context) as pool:
            started = [
                [pool.submit(work, cell, self.seed, numbers) for numbers in self._chunks()]
                for cell in cells
            ]
            whole = [future for futures in started for future in futures]
            tenth = max(len(whole) // 10, 1)
            for done, _ in enumerate(as_completed(whole), 1):
                if done % tenth == 0:
                    self.progress(f"{done * PERCENT // len(whole)} %")
            return [[told for future in futures for told in future.result()] for futures in started]

    def _chunks(self) -> list[range]:
        return [range(first, min(first + CHUNK, self.runs)) for first in range(0, self.runs, CHUNK)]
