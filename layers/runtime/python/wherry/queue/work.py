"""
Messages to outcomes, so that each has one result in spite of repeats, crashes and neighbours.

Each is begun in the memory, read, and computed with the others; then its result is kept in the
memory, then put wherever results go, and only then acknowledged, by whoever called. After a crash
between any two of these it comes again, and goes on from what is kept. Messages of one group are a
lane, and are done in order: nothing after one that must come again is done.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from wherry.errors import CloudError
from wherry.limits import LAMBDA_BODY
from wherry.pinned import choose
from wherry.queue.answering import NO_TIME, Answering
from wherry.queue.memory import Key, Running
from wherry.queue.messages import Failed, Message, Outcome
from wherry.queue.reading import claimed
from wherry.queue.settling import BEHIND, Settling
from wherry.queue.tasks import Parts, Task

THREADS = 16  # that call AWS at once
MOST_BYTES = 8 * LAMBDA_BODY  # of payloads in memory at once
LEAST_SECONDS = 1.0  # with no more than this left, nothing is begun
ELSEWHERE = "another worker has begun it"

Remaining = Callable[[], float]  # the seconds that are left, as of now


class Worker:
    """
    Answers batches, one at a time. `threads` call the memory, the claims and the sinks; with one,
    it is the caller's own. A batch that may come to over `most_bytes` is done part by part.
    """

    def __init__(
        self, parts: Parts, *, threads: int = THREADS, most_bytes: int = MOST_BYTES
    ) -> None:
        self._live = parts.live
        self._memory = parts.memory
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self._answering = Answering(parts.services, parts.claims, self._each)
        self._settling = Settling(parts)
        self._most_bytes = most_bytes

    def answer_all(self, messages: Sequence[Message], remaining: Remaining) -> list[Outcome]:
        """One outcome a message, in their order; none is raised."""
        try:
            shares = self._live.shares()
        except CloudError as error:
            return [Failed(str(error)) for _ in messages]
        tasks = [Task(message, Key.of(message), choose(shares, message.id)) for message in messages]
        stopped: set[str] = set()
        for part in _parts(tasks, self._most_bytes):
            self._do(part, remaining, stopped)
        return [task.outcome or Failed(NO_TIME) for task in tasks]

    def _do(self, tasks: Sequence[Task], remaining: Remaining, stopped: set[str]) -> None:
        """`stopped` are the groups of which no more is to be done."""
        for task in tasks:
            task.retry = BEHIND if task.message.group in stopped else ""
        lanes = _lanes(tasks)
        self._each(lambda lane: self._begin(lane, remaining), lanes)
        opened = [task for task in tasks if task.is_open]
        self._answering.answer(opened, lambda: remaining() > LEAST_SECONDS)
        self._each(self._settling.settle, lanes)
        for task in tasks:
            task.asked = task.answer = None  # what is large, and not needed any more
        failed = (task.message.group for task in tasks if isinstance(task.outcome, Failed))
        stopped.update(filter(None, failed))

    def _begin(self, lane: Iterable[Task], remaining: Remaining) -> None:
        """In order, up to one that cannot be."""
        stopped = False
        for task in lane:
            if stopped:
                task.retry = BEHIND
            elif not task.retry:
                task.retry = self._begun(task, remaining())
            stopped = bool(task.retry)

    def _begun(self, task: Task, seconds: float) -> str:
        """Why it could not be begun, if so."""
        if seconds <= LEAST_SECONDS:
            return NO_TIME
        try:
            task.begun = self._memory.begin(task.key, seconds)
        except Exception as error:  # noqa: BLE001 - it is this message's own
            return f"the memory failed ({error!r})"
        return ELSEWHERE if isinstance(task.begun, Running) else ""

    def _each(self, do: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        if self._pool is None or len(items) == 1:
            return [do(item) for item in items]
        return list(self._pool.map(do, items))


def _parts(tasks: Iterable[Task], most: int) -> Iterator[list[Task]]:
    """
    In order; a claim counts as the largest payload that there can be. What comes again is a part of
    its own: it may have killed whoever was at it, or taken too long beside the others.
    """
    part: list[Task] = []
    size = 0
    for task in tasks:
        body = task.message.body
        larger = LAMBDA_BODY if claimed(body) else len(body)
        if task.message.receives > 1:
            larger = most
        if part and size + larger > most:
            yield part
            part, size = [], 0
        part.append(task)
        size += larger
    if part:
        yield part


def _lanes(tasks: Iterable[Task]) -> list[list[Task]]:
    """Those of a group, in order; one that is of none is a lane of its own."""
    lanes: dict[object, list[Task]] = {}
    for task in tasks:
        lanes.setdefault(task.message.group or task, []).append(task)
    return list(lanes.values())
