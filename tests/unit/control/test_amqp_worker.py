"""The worker over a broker in memory: in which order it does what, whatever ends it."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.amqp import incoming
from tests.support.queues import parts_of
from tests.support.services import service_of
from wherry.queue.work import Worker as Core
from wherry_control.queueing.amqp_answers import Answers
from wherry_control.queueing.amqp_link import LostError
from wherry_control.queueing.amqp_places import Places
from wherry_control.queueing.amqp_worker import LONGEST, SHORTEST, Counts, Ways, Worker
from wherry_control.queueing.sqlite_memory import SqliteMemory

MESSAGES = 7
PLACES = Places("tiny")


service = cache(service_of)


class Died(BaseException):
    """As SIGKILL is: nobody handles it."""


class FakeBroker:
    """
    A queue that gives out anew what was not acknowledged. The call number `fatal` ends the
    connection, or the worker, before it is done or right after.
    """

    def __init__(self, bodies: Sequence[Any]) -> None:
        self.waiting = [
            incoming(json.dumps(body).encode(), message_id=f"m-{n}")
            for n, body in enumerate(bodies)
        ]
        self.given: list[Any] = []
        self.results: list[Any] = []
        self.dead: list[Any] = []
        self.calls = 0
        self.fatal = 0
        self.after = False
        self.how: type[BaseException] = LostError

    @asynccontextmanager
    async def connect(self) -> AsyncIterator["FakeBroker"]:
        try:
            yield self
        finally:
            self.waiting = [*self.given, *self.waiting]
            self.given = []

    async def batch(self, most: int, patience: float | None) -> list[Any]:
        assert patience is not None, "it was to end when the queue is empty"
        came, self.waiting = self.waiting[:most], self.waiting[most:]
        self.given += came
        return came

    def wake(self) -> None:
        pass

    def later(self, message: Any, seconds: float) -> None:
        assert seconds >= 0
        self.given.remove(message)
        self.waiting.append(message)

    async def idle(self) -> bool:
        return not self.waiting and not self.given

    async def tell(self, result: Any, place: str) -> None:
        with self._call():
            self.results.append((place, result.message_id, result.body))

    async def lay_aside(self, letter: Any) -> None:
        with self._call():
            self.dead.append(letter)

    async def acknowledge(self, messages: Sequence[Any]) -> None:
        for message in messages:
            with self._call():
                self.given.remove(message)

    def _call(self) -> "Fatal":
        self.calls += 1
        return Fatal(self, self.calls == self.fatal)


class Fatal:
    """A call, and perhaps the last one."""

    def __init__(self, broker: FakeBroker, last: bool) -> None:  # noqa: FBT001 - the one thing
        self._broker = broker
        self._last = last

    def __enter__(self) -> None:
        if self._last and not self._broker.after:
            raise self._broker.how

    def __exit__(self, *_: object) -> None:
        if self._last and self._broker.after:
            raise self._broker.how


@pytest.fixture
def memory() -> Iterator[SqliteMemory]:
    kept = SqliteMemory(Path(":memory:"))
    yield kept
    kept.close()


def a_worker(broker: FakeBroker, memory: SqliteMemory, notes: list[str] | None = None) -> Worker:
    answers = Answers(
        Core(parts_of(service=service(), memory=memory, sinks=()), threads=1), memory, 3
    )
    heard = [] if notes is None else notes
    ways = Ways(3, once=True, note=heard.append, progress=lambda _: None, chance=lambda: 0.0)
    return Worker(broker.connect, answers, PLACES, ways)


def worked(broker: FakeBroker, memory: SqliteMemory) -> Counts:
    """Until the queue is empty, by as many workers as it takes."""
    while True:
        try:
            return asyncio.run(a_worker(broker, memory).run())
        except Died:
            memory.free()  # as the next one does


@pytest.mark.parametrize("how", [LostError, Died])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("fatal", range(1, 2 * MESSAGES + 1))
def test_whatever_ends_it_at_any_call_each_message_has_one_result(
    memory: SqliteMemory, how: type[BaseException], fatal: int, *, after: bool
) -> None:
    broker = FakeBroker([[[n, 0, 0, 0]] for n in range(MESSAGES)])
    broker.fatal, broker.after, broker.how = fatal, after, how

    worked(broker, memory)

    assert {name for _, name, _ in broker.results} == {f"m-{n}" for n in range(MESSAGES)}
    assert len(set(broker.results)) == MESSAGES
    assert len(broker.results) <= MESSAGES + 3  # of the one batch that was in hand
    assert not broker.dead


def test_once_it_is_known_to_be_told_nothing_is_told_again(memory: SqliteMemory) -> None:
    broker = FakeBroker([[[n, 0, 0, 0]] for n in range(MESSAGES)])
    broker.fatal, broker.how = 4, Died  # the first acknowledgement

    counts = worked(broker, memory)

    assert len(broker.results) == MESSAGES
    assert counts.repeated == 3


def test_what_is_wrong_before_a_message_can_come_is_told_at_once(memory: SqliteMemory) -> None:
    class Nowhere(FakeBroker):
        def connect(self) -> Any:
            raise LostError("nobody is there")

    with pytest.raises(LostError):
        asyncio.run(a_worker(Nowhere([]), memory).run())


def test_a_loss_counts_once_however_often_it_connects_in_vain(memory: SqliteMemory) -> None:
    class Away(FakeBroker):
        tries = 0

        def connect(self) -> Any:
            self.tries += 1
            if self.tries in {2, 3, 4}:
                raise LostError("nobody is there")
            return super().connect()

    broker = Away([[[1, 2, 3, 4]]])
    broker.fatal = 1
    notes: list[str] = []

    counts = asyncio.run(a_worker(broker, memory, notes).run())

    assert (counts.messages, counts.lost, len(notes)) == (1, 1, 4)
    assert "connecting again in 0.0 s" in notes[0]


def test_one_that_is_stopped_before_it_starts_takes_nothing(memory: SqliteMemory) -> None:
    broker = FakeBroker([[[1, 2, 3, 4]]])
    worker = a_worker(broker, memory)
    worker.stop()

    assert asyncio.run(worker.run()) == Counts()
    assert len(broker.waiting) == 1


@pytest.mark.parametrize(("tries", "longest"), [(0, SHORTEST), (3, 4.0), (10, LONGEST), (9999, 30)])
@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_waits_grow_and_are_random_from_nothing_up(
    memory: SqliteMemory, tries: int, longest: float, chance: float
) -> None:
    ways = Ways(3, once=True, note=print, progress=print, chance=lambda: chance)
    broker = FakeBroker([])
    worker = Worker(
        broker.connect, Answers(Core(parts_of(service=service())), memory, 3), PLACES, ways
    )

    assert worker._seconds(tries) == chance * longest


def test_counts_say_what_was_done(memory: SqliteMemory) -> None:
    broker = FakeBroker([[[1, 2, 3, 4]], "no row", [[1, 2, 3, 4]], [[1, 2, 3, 4]]])

    counts = worked(broker, memory)

    assert (counts.messages, counts.batches, counts.mean_batch) == (4, 2, 2.0)
    assert counts.refused == 1
