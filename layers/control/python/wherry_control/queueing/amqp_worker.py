"""
The worker of a queue: takes batches, has them answered, tells the results, then acknowledges.

In this order, whatever ends it, nothing is lost: what is not acknowledged comes again, and its
result, which was kept before it was told, is told with the same bytes and the same id. A connection
that is lost is made anew, after a random wait that grows. It ends when it is told to, or when the
queue is empty if that was asked; a batch in hand is finished first.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from functools import partial
from random import random
from typing import TYPE_CHECKING, Protocol, TypeVar

from wherry_control.queueing import amqp_wire as wire
from wherry_control.queueing.amqp_answers import Again, Answers, Delivery, LayAside, Tell, Verdict
from wherry_control.queueing.amqp_link import LostError
from wherry_control.queueing.amqp_places import Places

if TYPE_CHECKING:
    import aio_pika
    from aio_pika.abc import AbstractIncomingMessage as Incoming

LONGEST = 30.0  # seconds of a wait
SHORTEST = 0.5  # of the first one, at most
LOOK = 0.2  # seconds between two looks whether all is done

T = TypeVar("T")


@dataclass
class Counts:
    """
    What was done: messages whose results are told, refusals among them; those that were told
    before; those laid aside; tries that failed; connections lost. `batches` are calls of the core.
    """

    messages: int = 0
    refused: int = 0
    repeated: int = 0
    dead: int = 0
    failed: int = 0
    lost: int = 0
    batches: int = 0

    @property
    def mean_batch(self) -> float:
        return self.messages / self.batches if self.batches else 0.0

    def count(self, verdicts: Sequence[Verdict]) -> None:
        """One more part of a batch."""
        told = [verdict for verdict in verdicts if isinstance(verdict, Tell)]
        aside = sum(isinstance(verdict, LayAside) for verdict in verdicts)
        again = sum(isinstance(verdict, Again) for verdict in verdicts)
        self.messages += len(told)
        self.refused += sum(verdict.refused for verdict in told)
        self.dead += aside
        self.failed += again
        self.repeated += len(verdicts) - len(told) - aside - again
        self.batches += bool(told)


@dataclass(frozen=True)
class Ways:
    """Batches of so many at most, until the queue is empty or for good; who hears of it."""

    most: int
    once: bool
    note: Callable[[str], None]
    progress: Callable[[Counts], None]
    chance: Callable[[], float] = random


class Broker(Protocol):
    """What a connection to one can do: see wherry_control.queueing.amqp_link.Link."""

    async def batch(self, most: int, patience: float | None) -> "list[Incoming]": ...
    def wake(self) -> None: ...
    def later(self, message: "Incoming", seconds: float) -> None: ...
    async def idle(self) -> bool: ...
    async def tell(self, result: "aio_pika.Message", place: str) -> None: ...
    async def lay_aside(self, letter: "aio_pika.Message") -> None: ...
    async def acknowledge(self, messages: "Sequence[Incoming]") -> None: ...


class Worker:
    """For one event loop. Answers are made in one thread beside it, so that heartbeats go on."""

    def __init__(
        self,
        connect: Callable[[], AbstractAsyncContextManager[Broker]],
        answers: Answers,
        places: Places,
        ways: Ways,
    ) -> None:
        self.counts = Counts()
        self._connect = connect
        self._answers = answers
        self._places = places
        self._ways = ways
        self._stopped = asyncio.Event()
        self._link: Broker | None = None
        self._tries = 0
        self._thread = ThreadPoolExecutor(1, "answers")

    def stop(self) -> None:
        """End after the batch in hand."""
        self._stopped.set()
        if self._link:
            self._link.wake()

    async def run(self) -> Counts:
        """Raise LostError if it goes wrong before a message can come; after that, try again."""
        with self._thread:
            while not self._stopped.is_set():
                try:
                    async with self._connect() as self._link:
                        await self._work(self._link)
                        break
                except LostError as error:
                    if self._link is None:
                        raise
                    await self._wait(error)
        return self.counts

    async def _work(self, link: Broker) -> None:
        patience = LOOK if self._ways.once else None  # others may take what is left
        while not self._stopped.is_set():
            if self._ways.once and await link.idle():
                return
            incoming = await link.batch(self._ways.most, patience)
            batch = [wire.delivery(message, self._places) for message in incoming]
            for part in await self._beside(partial(self._answers.parted, batch)):
                await self._answer(link, part)
                self._tries = 0
                self._ways.progress(self.counts)

    async def _answer(self, link: Broker, part: Sequence[Delivery]) -> None:
        verdicts = await self._beside(partial(self._answers.of, part))
        judged = list(zip(part, verdicts, strict=True))
        await _all(self._done(link, *each) for each in judged)
        await self._beside(partial(self._answers.done, judged))
        done = [each for each, verdict in judged if not isinstance(verdict, Again)]
        await link.acknowledge([delivery.source for delivery in done])
        self.counts.count(verdicts)

    async def _done(self, link: Broker, delivery: Delivery, verdict: Verdict) -> None:
        """Return when nothing that matters is here alone."""
        match verdict:
            case Tell():
                await link.tell(wire.told(verdict.result, delivery.source), delivery.place)
            case LayAside():
                self._ways.note(f"laid aside {delivery.message.id!r}: {verdict.reason}")
                await link.lay_aside(wire.dead(delivery.source, verdict, self._places))
            case Again():
                link.later(delivery.source, self._seconds(verdict.times))

    async def _beside(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _wait(self, error: LostError) -> None:
        self.counts.lost += not self._tries
        seconds = self._seconds(self._tries)
        self._tries += 1
        self._ways.note(f"lost the broker ({error}); connecting again in {seconds:.1f} s")
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)

    def _seconds(self, tries: int) -> float:
        """Full jitter: workers that lost the same broker do not come back as one."""
        return self._ways.chance() * min(LONGEST, SHORTEST * 2.0 ** min(tries, 16))


async def _all(steps: Iterable[Awaitable[None]]) -> None:
    await asyncio.gather(*steps)
