"""
Messages of AMQP as messages of the core, and back.

A message's id is its header `id`, or else its `message_id`, or else its `correlation_id`. One that
has none is known by its content. A result carries the `correlation_id` that whoever asked by RPC
waits for, and a `message_id` that is the same each time the result is told.
"""

from hashlib import sha256
from typing import TYPE_CHECKING

from wherry.queue.messages import CONTENT_TYPE, Message, Result
from wherry_control.queueing.amqp_answers import Delivery, LayAside
from wherry_control.queueing.amqp_places import Places

if TYPE_CHECKING:
    import aio_pika
    from aio_pika.abc import AbstractIncomingMessage

ID = "id"
GIVEN = "x-delivery-count"  # of a quorum queue: how often before
SHORT = 255  # bytes of a property
NONE = frozenset({"", "application/octet-stream"})


def delivery(incoming: "AbstractIncomingMessage", places: Places) -> Delivery:
    """The message for the core, and what its envelope says."""
    headers = {str(name).lower(): _text(value) for name, value in incoming.headers.items()}
    if incoming.content_type not in NONE and incoming.content_type is not None:
        headers[CONTENT_TYPE] = incoming.content_type
    name = headers.get(ID) or incoming.message_id or incoming.correlation_id
    return Delivery(
        Message(id=name or _by_content(incoming.body), body=incoming.body, attributes=headers),
        place=incoming.reply_to or places.results,
        named=bool(name),
        again=bool(incoming.redelivered),
        given=int(headers[GIVEN]) if headers.get(GIVEN, "").isdecimal() else 0,
        source=incoming,
    )


def told(result: Result, incoming: "AbstractIncomingMessage") -> "aio_pika.Message":
    """The result as it goes to whoever wants it."""
    import aio_pika

    return aio_pika.Message(
        result.body,
        message_id=_short(result.name),
        correlation_id=incoming.correlation_id or _short(result.id),
        content_type="application/json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        headers={ID: result.id},
    )


def dead(incoming: "AbstractIncomingMessage", why: LayAside, places: Places) -> "aio_pika.Message":
    """The message as it came, with the reason why it is laid aside, and without the count."""
    import aio_pika

    kept = {name: value for name, value in incoming.headers.items() if name != GIVEN}
    return aio_pika.Message(
        incoming.body,
        headers={
            **kept,
            "x-wherry-reason": why.reason,
            "x-wherry-receives": why.times,
            "x-wherry-queue": places.queue,
        },
        message_id=incoming.message_id,
        correlation_id=incoming.correlation_id,
        reply_to=incoming.reply_to,
        content_type=incoming.content_type,
        content_encoding=incoming.content_encoding,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _short(name: str) -> str:
    """As it is, if it fits a property."""
    told = name.encode(errors="surrogatepass")
    return name if len(told) <= SHORT else sha256(told).hexdigest()


def _by_content(body: bytes) -> str:
    return f"content-{sha256(body).hexdigest()}"
