"""
One partition, tried until it is done: what is worth another try, and what is not.

Storage that does not answer and memory that is short may do better a moment later. An object that
no reader understands, or that has changed, will not: it is recorded at once. All else ends the run,
for it would befall every partition alike.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from wherry.batch.contract import Receipt, Task
from wherry.errors import CloudError, ModelError, RefusedError, RequestError, WherryError

RETRIES = 3
FIRST_WAIT = 1.0  # seconds, then twice as long each time
PASSING = (CloudError, OSError, MemoryError)
HOPELESS = (RequestError, RefusedError, ModelError)

Count = Callable[[int], None]


class Work(Protocol):
    """What does a partition; it can be sent to another process."""

    def __call__(self, task: Task, count: Count) -> Receipt:
        """`count` hears of rows as they are computed, however often the partition is tried."""
        ...


@dataclass(frozen=True)
class Failed:
    """A partition that was given up, and why; `lasting`: another try would come to the same."""

    name: str
    source: str
    reason: str
    lasting: bool = False


def attempt(
    work: Work, task: Task, count: Count, sleep: Callable[[float], None] = time.sleep
) -> Receipt | Failed:
    """Its receipt, or why there is none; raise what would befall every other partition too."""
    for wait in _waits():
        try:
            return work(task, count)
        except HOPELESS as error:
            return given_up(task, str(error), lasting=True)
        except PASSING as error:
            if wait is None:
                return given_up(task, _told(error))
            sleep(wait)
    raise AssertionError("the last wait is none")


def given_up(task: Task, reason: str, *, lasting: bool = False) -> Failed:
    """Of this task."""
    return Failed(task.partition.name, task.partition.source, reason, lasting)


def _waits() -> Iterator[float | None]:
    yield from (FIRST_WAIT * 2**number for number in range(RETRIES))
    yield None


def _told(error: BaseException) -> str:
    return str(error) if isinstance(error, WherryError) else f"{type(error).__name__}: {error}"
