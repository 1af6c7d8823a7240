"""Who is to blame when a pool breaks: found out one by one, without any process."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from tests.support.batch_runs import RUN, partitions, receipt
from wherry.batch.contract import Receipt, Task
from wherry_control.batch.pool import Pool
from wherry_control.batch.trying import Failed


class Breaking(Executor):
    """Breaks by `fatal`, with all that is beside it; alone, each other task is done at once."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.out: list[Future[Any]] = []

    def submit(self, _: Callable[..., Any], /, *args: Any, **__: Any) -> Future[Any]:
        name, future = args[0].partition.name, Future[Any]()
        self.out.append(future)
        if name == "fatal":
            for each in self.out:
                if not each.done():
                    each.set_exception(BrokenProcessPool())
        elif self.workers == 1 or name.startswith("quick"):
            future.set_result(receipt(name))
        return future


class Pools(Pool):
    """Keeps how many workers each had."""

    def __init__(self) -> None:
        super().__init__(lambda *_: receipt("none"), 2, lambda _: None)
        self.made: list[int] = []

    def executor(self, workers: int) -> Executor:
        self.made.append(workers)
        return Breaking(workers)


def outcomes(pool: Pool, *names: str) -> dict[str, Receipt | Failed]:
    tasks = [Task(run=RUN, partition=each) for each in partitions(*names)]
    return {each.name: each for each in pool.outcomes(tasks)}


def test_who_died_beside_another_is_tried_again_alone() -> None:
    """A pool that breaks takes all of its workers with it, and does not say whose fault it was."""
    pool = Pools()

    told = outcomes(pool, "near", "fatal", "quick")

    assert told["near"] == receipt("near")
    assert isinstance(told["fatal"], Failed)
    assert pool.made == [2, 1, 1, 1, 2]


def test_what_was_done_before_the_pool_broke_is_no_suspect() -> None:
    pool = Pools()

    told = outcomes(pool, "quick", "fatal")

    assert told["quick"] == receipt("quick")
    assert isinstance(told["fatal"], Failed)
