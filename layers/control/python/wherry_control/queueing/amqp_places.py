"""
The places of a queue on a broker: itself, its results and its dead letters.

What is there already is used as it is, whoever made it and however: only what is missing is
declared. A queue made here is durable, replicated where the broker is (a quorum queue), and counts
how often it gave a message out.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aio_pika.abc import AbstractChannel, AbstractConnection
    from pamqp.common import FieldTable

Step = Callable[["AbstractChannel"], Awaitable[Any]]


@dataclass(frozen=True)
class Places:
    """Names on the broker. Results and dead letters each have an exchange and a queue behind it."""

    queue: str

    @property
    def results(self) -> str:
        return f"{self.queue}.results"

    @property
    def dead(self) -> str:
        return f"{self.queue}.dead"


async def declare(connection: "AbstractConnection", places: Places) -> None:
    """Make what is missing."""
    for name in (places.results, places.dead):
        await _exchange(connection, name)
        await _queue(connection, name, {})
        async with connection.channel() as channel:
            await (await channel.get_queue(name)).bind(name, places.queue)  # of whatever type
    await _queue(connection, places.queue, {"x-dead-letter-exchange": places.dead})


async def ready(channel: "AbstractChannel", name: str) -> int:
    """How many messages wait there for whoever asks first."""
    queue = await channel.declare_queue(name, passive=True)
    return queue.declaration_result.message_count or 0


async def _exchange(connection: "AbstractConnection", name: str) -> None:
    await _unless_there(
        connection,
        lambda channel: channel.get_exchange(name),
        lambda channel: channel.declare_exchange(name, "fanout", durable=True),
    )


async def _queue(connection: "AbstractConnection", name: str, more: "FieldTable") -> None:
    arguments: FieldTable = {"x-queue-type": "quorum", **more}
    await _unless_there(
        connection,
        lambda channel: channel.get_queue(name),
        lambda channel: channel.declare_queue(name, durable=True, arguments=arguments),
    )


async def _unless_there(connection: "AbstractConnection", look: Step, make: Step) -> None:
    from aio_pika.exceptions import ChannelNotFoundEntity

    try:
        async with connection.channel() as channel:  # a refusal closes it
            await look(channel)
    except ChannelNotFoundEntity:
        async with connection.channel() as channel:
            await make(channel)
