"""
One turn of a run on this machine: the partitions that are missing, as many at once as pay.

A run that was stopped, by a person or by a dead machine, is gone on with by asking for it again:
what has a receipt is not done twice. It writes nothing of its own.
"""

import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

from wherry.batch.contract import Partition, Receipt, Run, Task
from wherry_control.batch.pool import Pool
from wherry_control.batch.progress import Progress, Tally, size
from wherry_control.batch.trying import Count, Failed, Work, attempt

PERCENT = 100

Make = Callable[[int], Work]  # by how many threads it may compute with


@dataclass(frozen=True)
class Turn:
    """How far it came; `stopped` says that too many partitions failed to go on."""

    progress: Progress
    failed: tuple[Failed, ...]
    stopped: bool


@dataclass(frozen=True, kw_only=True)
class Here:
    """
    `workers` processes on `cores` cores; `tolerated` percent of all partitions may fail before the
    others are given up; `tell` hears how far it is.
    """

    make: Make
    cores: int
    workers: int
    tolerated: float
    tell: Callable[[Progress], None]
    clock: Callable[[], float] = time.monotonic

    def turn(self, run: Run, partitions: Sequence[Partition], done: Collection[str]) -> Turn:
        """Do what is not among the names `done`; raise what would befall every partition."""
        missing = [each for each in partitions if each.name not in done]
        sizes = {each.name: size(each) for each in missing}
        tally = Tally(len(partitions), len(partitions) - len(missing), sizes)
        failed: list[Failed] = []
        began, live = self.clock(), 0

        def look(rows: int) -> None:
            nonlocal live
            live = rows
            self.tell(tally.progress(rows, self.clock() - began))

        tasks = [Task(run=run, partition=each) for each in missing]
        with closing(self._outcomes(tasks, look)) as outcomes:
            for told in outcomes:
                if isinstance(told, Receipt):
                    tally.receipts.append(told)
                else:
                    failed.append(told)
                    tally.failed += 1
                look(live)
                if len(failed) * PERCENT > self.tolerated * len(partitions):
                    break
        told_last = tally.progress(0, self.clock() - began)
        stopped = len(failed) + len(tally.receipts) < len(missing)
        return Turn(told_last, tuple(failed), stopped)

    def _outcomes(
        self, tasks: Sequence[Task], look: Count
    ) -> Generator[Receipt | Failed, None, None]:
        """In this process, if there is work for one: a pool costs each of its workers a start."""
        workers = min(self.workers, len(tasks))
        if workers > 1:
            work = self.make(max(1, self.cores // workers))
            yield from Pool(work, workers, look).outcomes(tasks)
        elif tasks:
            yield from _alone(self.make(self.cores), tasks, look)


def _alone(
    work: Work, tasks: Sequence[Task], look: Count
) -> Generator[Receipt | Failed, None, None]:
    computed = 0

    def count(rows: int) -> None:
        nonlocal computed
        computed += rows
        look(computed)

    for task in tasks:
        yield attempt(work, task, count)
