"""What talks to a broker in tests: who sends, who reads, and the worker as a process of its own."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import AMQPError, ChannelNotFoundEntity
from aiormq.abc import DeliveredMessage
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from tests.support.emulated import until

ROOT = Path(__file__).resolve().parents[2]
ROW = b"[[1, 2, 3, 4]]"

T = TypeVar("T")

_WORKER = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from wherry_control.queueing.amqp import Work, work
told = json.loads(sys.argv[1])
note = lambda text: print(text, file=sys.stderr, flush=True)
asked = Work(**{**told["work"], "state": Path(told["work"]["state"])})
counts = work(told["variables"], asked, note, lambda _: None)
print(json.dumps(asdict(counts)))
"""


@dataclass(frozen=True)
class Letter:
    """What a queue held: enough to tell repeats from differences."""

    message_id: str | None
    correlation_id: str | None
    body: bytes
    headers: Mapping[str, Any] = field(compare=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Peer:
    """Another program at the same broker; each call has a connection of its own."""

    url: str

    def send(self, queue: str, messages: Iterable[aio_pika.Message]) -> None:
        """Return when the broker has them all for good."""

        async def publish(channel: AbstractChannel) -> None:
            exchange = channel.default_exchange
            await asyncio.gather(*(exchange.publish(each, queue) for each in messages))

        self.ask(publish)

    def declare(self, queue: str, kind: str = "quorum") -> None:
        async def declare(channel: AbstractChannel) -> None:
            await channel.declare_queue(queue, durable=True, arguments={"x-queue-type": kind})

        self.ask(declare)

    def waiting(self, queue: str) -> int:
        """How many are ready there; none where it is not there, or cannot be asked now."""

        async def count(channel: AbstractChannel) -> int:
            found = await channel.declare_queue(queue, passive=True)
            return found.declaration_result.message_count or 0

        try:
            return self.ask(count)
        except (ChannelNotFoundEntity, AMQPError, OSError):
            return 0

    def take(self, queue: str) -> list[Letter]:
        """All that is there."""

        async def drain(channel: AbstractChannel) -> list[Letter]:
            found = await channel.declare_queue(queue, passive=True)
            came: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
            await found.consume(came.put, no_ack=True)
            count = found.declaration_result.message_count or 0
            return [_letter(await came.get()) for _ in range(count)]

        return self.ask(drain)

    def ask(self, do: Callable[[AbstractChannel], Awaitable[T]]) -> T:
        async def asked() -> T:
            async with await aio_pika.connect(self.url) as connection, connection.channel() as own:
                return await do(own)

        return asyncio.run(asked())


@dataclass
class Process:
    """A worker; what it notes is kept as it comes."""

    popen: "subprocess.Popen[str]"
    log: Path

    @property
    def notes(self) -> str:
        return self.log.read_text()

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait()

    def end(self) -> Any:
        """Ask it to stop, as a supervisor does; its counts."""
        self.popen.terminate()
        return self.counts()

    def counts(self) -> Any:
        """What it tells at its end, which must be a good one."""
        out, _ = self.popen.communicate(timeout=60)
        assert self.popen.returncode == 0, self.notes
        return json.loads(out)


@contextmanager
def working(variables: Mapping[str, str], folder: Path, **work: Any) -> Iterator[Process]:
    """The real worker, in an interpreter of its own, with its memory in `folder`."""
    told = {"variables": dict(variables), "work": {"state": str(folder / "state.sqlite"), **work}}
    log = folder / "worker.log"
    with log.open("a") as notes:
        popen = subprocess.Popen(
            [sys.executable, "-c", _WORKER, json.dumps(told)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=notes,
            text=True,
        )
    process = Process(popen, log)
    try:
        yield process
    finally:
        process.kill()
        if popen.stdout:
            popen.stdout.close()


def rows(numbers: Sequence[int]) -> list[aio_pika.Message]:
    """A message for each, for the model that doubles the sum of four features."""
    return [asking(f"m-{n}", [[n, 0, 0, 0]]) for n in numbers]


def asking(message_id: str | None, body: Any, **properties: Any) -> aio_pika.Message:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return aio_pika.Message(
        data,
        message_id=message_id,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        **properties,
    )


def incoming(body: bytes = ROW, *, again: bool = False, **properties: Any) -> Any:
    """A message as it comes from the broker."""
    message = aio_pika.Message(body, **properties)
    header = ContentHeader(properties=message.properties, body_size=len(body))
    delivery = Basic.Deliver("tag", 1, redelivered=again, exchange="", routing_key="iris")
    return aio_pika.IncomingMessage(
        DeliveredMessage(delivery=delivery, header=header, body=body, channel=None)  # type: ignore[arg-type] # it is asked for nothing
    )


def until_waiting(peer: Peer, queue: str, count: int) -> None:
    until(lambda: peer.waiting(queue) >= count, 60)


def _letter(message: AbstractIncomingMessage) -> Letter:
    return Letter(message.message_id, message.correlation_id, message.body, message.headers)
