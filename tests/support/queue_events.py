"""Events of three brokers: one file each in tests/events, and what a test changes of its record."""

import json
from base64 import b64encode
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.support.events import EVENTS

Event = dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """A message as its sender made it; `headers` are attributes."""

    id: str
    body: bytes
    group: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Context:
    """Lambda's."""

    milliseconds: int = 30_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def sqs(*messages: Sent) -> Event:
    """From a FIFO queue if they have groups."""
    name = "sqs_fifo" if any(message.group for message in messages) else "sqs"
    event, record = _opened(name)
    event["Records"] = [_sqs(deepcopy(record), message) for message in messages]
    return event


def rabbitmq(*messages: Sent) -> Event:
    event, record = _opened("rabbitmq")
    (queue,) = event["rmqMessagesByQueue"]
    event["rmqMessagesByQueue"][queue] = [_rabbitmq(deepcopy(record), each) for each in messages]
    return event


def kafka(*messages: Sent) -> Event:
    """In one partition, at the offset that is a message's id."""
    event, record = _opened("kafka")
    event["records"]["mytopic-0"] = [_kafka(deepcopy(record), each) for each in messages]
    return event


def _opened(name: str) -> tuple[Event, Event]:
    event: Event = json.loads((EVENTS / f"{name}.json").read_text())
    parts = event.get("rmqMessagesByQueue") or event.get("records") or {"": event.get("Records")}
    ((record,),) = parts.values()
    return event, record


def _sqs(record: Event, message: Sent) -> Event:
    record |= {"messageId": message.id, "body": message.body.decode()}
    record["messageAttributes"] = {
        name: {"stringValue": value, "stringListValues": [], "binaryListValues": [],
               "dataType": "String"}
        for name, value in message.headers.items()
    }  # fmt: skip
    if message.group:
        record["attributes"]["MessageGroupId"] = message.group
    return record


def _rabbitmq(record: Event, message: Sent) -> Event:
    properties = record["basicProperties"]
    properties |= {"messageId": message.id or None, "contentType": None}
    properties["headers"] = {
        name: {"bytes": [byte - 256 if byte > 127 else byte for byte in value.encode()]}
        for name, value in message.headers.items()
    }
    record["data"] = b64encode(message.body).decode()
    return record


def _kafka(record: Event, message: Sent) -> Event:
    record["offset"] = int(message.id)
    record["value"] = b64encode(message.body).decode()
    record["headers"] = [{name: list(value.encode())} for name, value in message.headers.items()]
    return record
