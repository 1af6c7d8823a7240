"""
Partitions shared out among processes, whichever of them dies.

A pool of Python breaks as a whole when one of its processes is killed, for want of memory mostly,
and does not say which task it was at. So no more tasks are handed out than there are processes:
those that were out are suspects, and are tried again one by one, so that the one which kills its
process is found and given up, and its neighbours are not. Results are written once, and a partition
that was cut off has left none: nothing is lost by starting it again.
"""

import multiprocessing
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from wherry.batch.contract import Receipt, Task
from wherry_control.batch.trying import RETRIES, Count, Failed, Work, given_up
from wherry_control.batch.worker import begin, do

TICK = 0.25  # seconds between two looks at how far the workers are
KILLED = "its worker was killed {times} times, for want of memory mostly: give it fewer rows"


class Pool:
    """`workers` processes at once; `tick` hears now and then how many rows they have computed."""

    def __init__(self, work: Work, workers: int, tick: Count) -> None:
        self._work, self._workers, self._tick = work, workers, tick
        self._context = multiprocessing.get_context("spawn")
        self._rows = self._context.Value("q", 0)

    def outcomes(self, tasks: Sequence[Task]) -> Generator[Receipt | Failed, None, None]:
        """One for each task, as they come; whoever stops listening stops the workers."""
        waiting, suspects = deque(tasks), deque[Task]()
        deaths: Counter[str] = Counter()
        while waiting or suspects:
            turn, workers = (suspects, 1) if suspects else (waiting, self._workers)
            out: dict[Future[Receipt | Failed], Task] = {}
            try:
                yield from self._turn(turn, workers, out)
            except BrokenProcessPool:
                for future, task in out.items():
                    if future.done() and future.exception() is None:
                        yield future.result()  # it was done before the pool broke
                        continue
                    deaths[task.partition.name] += 1
                    times = deaths[task.partition.name]
                    if times > RETRIES:
                        yield given_up(task, KILLED.format(times=times))
                    else:
                        suspects.append(task)

    def executor(self, workers: int) -> Executor:
        """So many processes, each with the work."""
        return ProcessPoolExecutor(
            workers, self._context, initializer=begin, initargs=(self._work, self._rows)
        )

    def _turn(
        self, tasks: deque[Task], workers: int, out: dict[Future[Receipt | Failed], Task]
    ) -> Iterator[Receipt | Failed]:
        """Until `tasks` is empty, or the pool breaks: then `out` are those that were at work."""
        others = set(multiprocessing.active_children())
        pool = self.executor(workers)
        try:
            while tasks or out:
                while tasks and len(out) < workers:
                    out[pool.submit(do, tasks[0])] = tasks[0]
                    tasks.popleft()
                done, _ = wait(out, timeout=TICK, return_when=FIRST_COMPLETED)
                self._tick(self._rows.value)
                for future in done:
                    told = future.result()  # a broken pool raises here: it stays a suspect
                    del out[future]
                    yield told
        except BaseException:
            for child in set(multiprocessing.active_children()) - others:
                child.terminate()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
