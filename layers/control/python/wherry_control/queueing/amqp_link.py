"""
One connection to a broker: what it gives, what it is told, and that it is lost.

It lives as long as the connection: after a loss a new one is made, and the broker gives out anew
what was not acknowledged. Its own heartbeats go on while the model runs in another thread.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING

from wherry_control.queueing.amqp_places import Places, declare, ready

if TYPE_CHECKING:
    from collections.abc import Sequence

    import aio_pika
    from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractIncomingMessage

PATIENCE = 20.0  # seconds to connect in
LINGER = 0.005  # seconds in which others join the first of a batch
DIRECT_REPLY = "amq.rabbitmq.reply-to."  # no queue: it cannot be said whether somebody listens


class LostError(Exception):
    """The connection is gone, or of no more use."""


@asynccontextmanager
async def _losses() -> AsyncIterator[None]:
    """All the ways in which a connection ends, as one error."""
    from aio_pika.exceptions import AMQPError, ChannelInvalidStateError

    try:
        yield
    except (AMQPError, ChannelInvalidStateError, OSError, TimeoutError) as error:
        raise LostError(str(error) or type(error).__name__) from error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise  # it is this task that is to end
        raise LostError("the connection is closed") from error  # what it waited for has ended


class Link:
    """`open_link` makes one."""

    def __init__(self, channel: "AbstractChannel", places: Places) -> None:
        self._channel = channel
        self._places = places
        self._arrived: asyncio.Queue[AbstractIncomingMessage | None] = asyncio.Queue()
        self._open: set[int] = set()  # what the broker gave and was not told of yet
        self._held = 0  # for later
        self._lost = False

    @_losses()
    async def consume(self) -> None:
        """Let the messages come."""
        self._channel.close_callbacks.add(lambda *_: self.wake())
        self._results = await self._channel.get_exchange(self._places.results)
        self._dead = await self._channel.get_exchange(self._places.dead)
        self._queue = await self._channel.get_queue(self._places.queue)
        underlay = await self._channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(self._cancelled)
        self._consumer = await self._queue.consume(self._arrive)

    @_losses()
    async def batch(self, most: int, patience: float | None) -> "list[AbstractIncomingMessage]":
        """
        What has come, from one up; nothing when woken, or when the patience is at its end.

        Raise LostError when nothing can come any more.
        """
        found: list[AbstractIncomingMessage | None] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                found.append(await self._arrived.get())
            async with asyncio.timeout(LINGER):
                while len(found) < most and found[-1] is not None:
                    found.append(await self._arrived.get())
        if self._lost or self._channel.is_closed:
            raise LostError("the connection is closed")
        return [message for message in found if message is not None]

    async def _arrive(self, message: "AbstractIncomingMessage") -> None:
        self._open.add(message.delivery_tag or 0)
        self._arrived.put_nowait(message)

    def wake(self) -> None:
        """End a wait for messages."""
        self._arrived.put_nowait(None)

    def later(self, message: "AbstractIncomingMessage", seconds: float) -> None:
        """Let it come once more, after a while; meanwhile it counts as in hand."""

        def come() -> None:
            self._held -= 1
            self._arrived.put_nowait(message)

        self._held += 1
        asyncio.get_running_loop().call_later(seconds, come)

    @_losses()
    async def idle(self) -> bool:
        """
        Whether nothing is in hand, on its way, or in the queue; if so, nothing can come any more.

        A quorum queue counts as given out what has not been sent yet. All of it has come when the
        broker confirms that no more is wanted, so it is then that the queue must be empty.
        """
        if await self._in_sight():
            return False
        await self._queue.cancel(self._consumer)
        if not await self._in_sight():
            return True
        self._consumer = await self._queue.consume(self._arrive)
        return False

    async def _in_sight(self) -> bool:
        left = await ready(self._channel, self._places.queue)
        return bool(left or self._held or not self._arrived.empty())

    @_losses()
    async def tell(self, result: "aio_pika.Message", place: str) -> None:
        """
        Return when the broker has the result, and a queue for it.

        Where whoever wanted it has gone, it goes where all other results are.
        """
        if place != self._places.results:
            surely = not place.startswith(DIRECT_REPLY)
            sent = self._channel.default_exchange.publish(result, place, mandatory=surely)
            if _has_queue(await sent):
                return
        await self._publish(self._results, result)

    @_losses()
    async def lay_aside(self, letter: "aio_pika.Message") -> None:
        """Return when the broker has it among the dead letters."""
        await self._publish(self._dead, letter)

    @_losses()
    async def acknowledge(self, messages: "Sequence[AbstractIncomingMessage]") -> None:
        """
        They are done with. Once for all of them, if nothing before them is open: many single ones
        are more than a quorum queue takes at once, and those that it has not taken when the
        connection is closed come again.
        """
        tags = {message.delivery_tag or 0: message for message in messages}
        self._open -= tags.keys()
        last = max(tags, default=0)
        if last and last < min(self._open, default=last + 1):
            await tags[last].ack(multiple=True)
            return
        for message in messages:
            await message.ack()

    def _cancelled(self, _: object) -> None:
        """The queue was deleted, or has moved to another node of the broker."""
        self._lost = True
        self.wake()

    async def _publish(self, exchange: "AbstractExchange", message: "aio_pika.Message") -> None:
        if not _has_queue(await exchange.publish(message, self._places.queue)):
            raise LostError(f"nothing is bound to the exchange {exchange.name}")


@asynccontextmanager
async def open_link(url: str, places: Places, prefetch: int) -> AsyncIterator[Link]:
    """Connect, make what is missing, and let messages come, so many that are not acknowledged."""
    async with AsyncExitStack() as opened:
        yield await _opened(opened, url, places, prefetch)


@_losses()
async def _opened(opened: AsyncExitStack, url: str, places: Places, prefetch: int) -> Link:
    import aio_pika

    connection = await aio_pika.connect(url, timeout=PATIENCE)
    opened.push_async_callback(_losses()(connection.close))
    await declare(connection, places)
    channel = await connection.channel()
    await channel.set_qos(prefetch)
    link = Link(channel, places)
    await link.consume()
    return link


def _has_queue(sent: object) -> bool:
    from aiormq.abc import DeliveredMessage  # what comes back was not wanted anywhere

    return not isinstance(sent, DeliveredMessage)
