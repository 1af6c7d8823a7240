"""
One turn of a run on this machine: the partitions that are missing, as many at once as pay.

A run that was stopped, by a person or by a dead machine, is gone on with by asking for it again:
what has a receipt is not done twice. It writes nothing of its own.
"""

import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

from wherry.batch.contract import Receipt, Task
from wherry_control.batch.pool import Pool
from wherry_control.batch.progress import Progress, Tally
from wherry_control.batch.trying import Count, Failed, Work, attempt

PERCENT = 100

Outcomes = Generator[Receipt | Failed, None, None]
Doing = Callable[[Sequence[Task], Count], Outcomes]


@dataclass(frozen=True)
class Turn:
    """How far it came; `stopped` says that too many partitions failed to go on."""

    progress: Progress
    failed: tuple[Failed, ...]
    stopped: bool


@dataclass(frozen=True, kw_only=True)
class Here:
    """
    `do` does tasks, and is heard how many rows it has computed; `tolerated` percent of all
    partitions may fail before the others are given up; `tell` hears how far it is.
    """

    do: Doing
    tolerated: int
    tell: Callable[[Progress], None]
    clock: Callable[[], float] = time.monotonic

    def turn(self, tasks: Sequence[Task], done: Collection[str]) -> Turn:
        """Do what is not among the names `done`; raise what would befall every partition."""
        missing = [task for task in tasks if task.partition.name not in done]
        tally = Tally.of(len(tasks), [task.partition for task in missing])
        failed: list[Failed] = []
        began, live = self.clock(), 0

        def look(rows: int) -> None:
            nonlocal live
            live = rows
            self.tell(tally.progress(rows, self.clock() - began))

        with closing(self.do(missing, look)) as outcomes:
            for told in outcomes:
                if isinstance(told, Receipt):
                    tally.receipts.append(told)
                else:
                    failed.append(told)
                    tally.failed += 1
                look(live)
                if len(failed) * PERCENT > self.tolerated * len(tasks):
                    break
        last = tally.progress(0, round(self.clock() - began, 3))
        stopped = len(failed) + len(tally.receipts) < len(missing)
        return Turn(last, tuple(failed), stopped)


def in_this_process(work: Work) -> Doing:
    """One after the other: a pool costs each of its workers a start."""

    def do(tasks: Sequence[Task], look: Count) -> Outcomes:
        computed = 0

        def count(rows: int) -> None:
            nonlocal computed
            computed += rows
            look(computed)

        for task in tasks:
            yield attempt(work, task, count)

    return do


def in_a_pool(work: Work, workers: int) -> Doing:
    """So many at once, each in a process of its own."""
    return lambda tasks, look: Pool(work, workers, look).outcomes(tasks)
