"""Queues in dictionaries, for what the command does with them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from wherry_control.queueing.queues import MOST_AT_ONCE, Depth, Held, Sent


class FakeQueues:
    """`Queues`; each receive of a message counts, and gives it a new receipt."""

    def __init__(self, *urls: str) -> None:
        self.waiting: dict[str, dict[str, Held]] = {url: {} for url in urls}
        self.in_flight: dict[str, dict[str, Held]] = {url: {} for url in urls}
        self._ids = count(1)

    def depth(self, url: str) -> Depth:
        return Depth(len(self.waiting[url]), len(self.in_flight[url]), 0)

    def receive(self, url: str) -> list[Held]:
        got = list(self.waiting[url].values())[:MOST_AT_ONCE]
        told = [
            replace(held, receives=held.receives + 1, receipt=f"{held.queue_id}.{next(self._ids)}")
            for held in got
        ]
        for held in told:
            del self.waiting[url][held.queue_id]
            self.in_flight[url][held.receipt] = held
        return told

    def let_go(self, url: str, held: Held) -> None:
        found = self.in_flight[url].pop(held.receipt)
        self.waiting[url][found.queue_id] = found

    def send(self, url: str, message: Sent) -> None:
        queue_id = f"q{next(self._ids)}"
        told = replace(message, token=queue_id, attributes=_named(message))
        sent = datetime.now(UTC)
        self.waiting[url][queue_id] = Held(told, queue_id, "", sent, 0)

    def delete(self, url: str, held: Held) -> None:
        self.in_flight[url].pop(held.receipt, None)


def _named(message: Sent) -> Mapping[str, Mapping[str, str]]:
    return {**message.attributes, "id": {"DataType": "String", "StringValue": message.id}}
