"""A message that kills its worker, or takes its time, does not take its neighbours with it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from random import Random
from typing import Any

import msgspec
from numpy.typing import NDArray

from tests.proof.brokers import Broker, Held
from tests.support.queues import FakeMemory, KeptResults, parts_of
from tests.support.services import service_of
from wherry.engine import Engine
from wherry.queue.messages import Failed, Message
from wherry.queue.work import Worker

SECONDS = 30.0  # of one invocation
POISON = 666
MESSAGES = 10


class KilledError(BaseException):
    """The process is gone: nothing handles it."""


class Mortal:
    """An engine that does `each` with every table of rows before it runs it."""

    def __init__(self, engine: Engine, each: Callable[[NDArray[Any]], None]) -> None:
        self.inputs, self.outputs = engine.inputs, engine.outputs
        self._engine, self._each = engine, each

    def run(
        self,
        outputs: Sequence[str],
        feeds: Mapping[str, NDArray[Any]],
        times: dict[str, float] | None = None,
    ) -> list[NDArray[Any]]:
        """See Engine."""
        for rows in feeds.values():
            self._each(rows)
        return self._engine.run(outputs, feeds, times)


class Queue:
    """Messages of one number each, all in one batch, and a worker that dies of some."""

    def __init__(self) -> None:
        self.broker = Broker(visibility=6 * SECONDS, most_receives=3)
        self.kept = KeptResults()
        self.end = 0.0
        service = service_of()
        service.compute_by(lambda engine: Mortal(engine, self.compute))
        memory = FakeMemory(lambda: self.broker.now)
        parts = parts_of(service=service, memory=memory, sinks=(self.kept,))
        self.worker = Worker(parts, threads=1)
        for number in range(MESSAGES):
            self.broker.send(Message(id=f"m{number}", body=self.body(number)))

    def body(self, number: int) -> bytes:
        return f"[[{number}, 1, 1, 1]]".encode()

    def compute(self, rows: NDArray[Any]) -> None:
        raise NotImplementedError

    def deliver(self) -> None:
        """As often as SQS does, in whichever order."""
        for turn in range(3 * MESSAGES):
            taken = self.broker.receive(MESSAGES, Random(turn))  # noqa: S311
            self.end = self.broker.now + SECONDS
            with suppress(KilledError):
                self.answer(taken)
            self.broker.now += 7 * SECONDS

    def answer(self, taken: Sequence[Held]) -> None:
        messages = [msgspec.structs.replace(h.message, receives=h.receives) for h in taken]
        outcomes = self.worker.answer_all(messages, lambda: self.end - self.broker.now)
        for held, outcome in zip(taken, outcomes, strict=True):
            if isinstance(outcome, Failed):
                self.broker.give_back(held)
            else:
                self.broker.delete(held)


class Poisoned(Queue):
    def body(self, number: int) -> bytes:
        return super().body(number or POISON)

    def compute(self, rows: NDArray[Any]) -> None:
        if (rows == POISON).any():
            raise KilledError


class Slow(Queue):
    """Each takes a few seconds; all together take longer than there is."""

    def compute(self, rows: NDArray[Any]) -> None:
        self.broker.now += 4.0 * len(rows)
        if self.broker.now > self.end:
            raise KilledError


def test_one_that_kills_its_worker_keeps_no_other_from_its_result() -> None:
    queue = Poisoned()

    queue.deliver()

    assert sorted(queue.kept.by_name) == [f"m{number}" for number in range(1, MESSAGES)]
    assert "m0" in {message.id for message in queue.broker.dead}


def test_what_takes_too_long_together_is_answered_alone() -> None:
    queue = Slow()

    queue.deliver()

    assert (len(queue.kept.by_name), queue.broker.dead) == (MESSAGES, [])
