"""
What Lambda hands a function from a broker, to messages: SQS, RabbitMQ on Amazon MQ, Kafka.

Each record is read by itself: one that is not as its broker makes them is told apart, with the
reason, and the others are answered. SQS takes back which are to come again, by their receipts; the
other two take the whole batch back, or nothing. A record that names no id gets one that is the same
whenever it comes: SQS's own, a hash of what RabbitMQ brought, the place in a partition of Kafka.

Formats: AWS Lambda Developer Guide, "Using Lambda with Amazon SQS", "… Amazon MQ", "… Amazon MSK".
"""

from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from wherry.errors import RequestError
from wherry.queue.messages import CONTENT_TYPE, HEADER_LENGTH, Message

SQS, RABBITMQ, KAFKA = "aws:sqs", "aws:rmq", "aws:kafka"
ID = "id"
FIFO = ".fifo"
_READ = (ID, CONTENT_TYPE, HEADER_LENGTH)


class Record(NamedTuple):
    """`message` is None of what cannot be read; `receipt` is how its broker knows it."""

    receipt: str
    message: Message | None
    fault: str = ""


class Batch(NamedTuple):
    """`is_partial`: whether single records of it can be given back."""

    records: list[Record]
    is_partial: bool


def read(event: Mapping[str, Any]) -> Batch:
    """Raise RequestError if it is no event of these brokers."""
    source = event.get("eventSource", "")
    if source == RABBITMQ:
        parts = event["rmqMessagesByQueue"].values()
        told = [_read(_rabbitmq, each) for part in parts for each in part]
        return Batch(told, is_partial=False)
    if source in (KAFKA, "SelfManagedKafka"):
        parts = event["records"].values()
        return Batch([_read(_kafka, each) for part in parts for each in part], is_partial=False)
    records = event.get("Records")
    if isinstance(records, list) and all(each.get("eventSource") == SQS for each in records):
        return Batch(
            [_read(_sqs, each, each.get("messageId") or "") for each in records], is_partial=True
        )
    raise RequestError("the event", "it is of no broker that this function knows")


def _read(
    how: Callable[[Mapping[str, Any]], Message], record: Mapping[str, Any], receipt: str = ""
) -> Record:
    try:
        return Record(receipt, how(record))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return Record(receipt, None, f"it cannot be read ({error!r})")


def _sqs(record: Mapping[str, Any]) -> Message:
    """A group of a queue that is not FIFO is for fair shares, and promises no order."""
    told = record.get("messageAttributes") or {}
    attributes = {name.lower(): each.get("stringValue") or "" for name, each in told.items()}
    system = record.get("attributes", {})
    ordered = record.get("eventSourceARN", "").endswith(FIFO)
    group = system.get("MessageGroupId", "") if ordered else ""
    message_id = attributes.get(ID) or record["messageId"]
    receives = int(system.get("ApproximateReceiveCount", 1))
    return _message(message_id, record["body"].encode(), attributes, group, receives)


def _rabbitmq(record: Mapping[str, Any]) -> Message:
    properties = record["basicProperties"]
    attributes = dict(_rabbitmq_headers(properties.get("headers") or {}))
    if properties.get("contentType"):
        attributes.setdefault(CONTENT_TYPE, properties["contentType"])
    body = b64decode(record["data"])
    found = attributes.get(ID) or properties.get("messageId")
    return _message(found or f"sha256-{sha256(body).hexdigest()}", body, attributes)


def _kafka(record: Mapping[str, Any]) -> Message:
    headers = record.get("headers") or []
    told = ((name.lower(), _text(value)) for each in headers for name, value in each.items())
    attributes = dict(told)
    partition = f"{record['topic']}-{record['partition']}"
    message_id = attributes.get(ID) or f"{partition}-{record['offset']}"
    return _message(message_id, b64decode(record["value"] or ""), attributes, partition)


def _rabbitmq_headers(headers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A text is an object with its bytes."""
    for name, value in headers.items():
        told = value.get("bytes") if isinstance(value, Mapping) else None
        yield name.lower(), str(value) if told is None else _text(told)


def _text(numbers: Iterable[int]) -> str:
    """Java tells bytes from 128 on as negative numbers."""
    return bytes(number % 256 for number in numbers).decode(errors="replace")


def _message(
    message_id: str, body: bytes, attributes: Mapping[str, str], group: str = "", receives: int = 1
) -> Message:
    kept = {name: attributes[name] for name in _READ if name != ID and attributes.get(name)}
    return Message(id=message_id, body=body, group=group, attributes=kept, receives=receives)
