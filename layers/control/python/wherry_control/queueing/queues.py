"""
A model's queues on AWS, as a person at the command sees them: how full, what is in them, move on.

`Queues` is the seam: SQS stands behind it, and a dictionary in tests; one contract test runs over
both. Nothing here looks into the queue of messages itself: SQS has no look that is not a receive,
and a receive counts, so that looking would lay good messages aside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol

from wherry.errors import CloudError
from wherry_control.aws_errors import translated

ID = "id"
FIFO = ".fifo"
MOST_AT_ONCE = 10  # that SQS gives
HELD_SECONDS = 30  # for which what was received is nobody else's


@dataclass(frozen=True)
class Depth:
    """About how many messages a queue has: SQS counts so."""

    waiting: int
    in_flight: int
    delayed: int


@dataclass(frozen=True)
class Sent:
    """
    A message to a queue. Its result goes by `id`; `token` is what a FIFO queue knows a repeat by.
    `attributes` are as SQS wants them.
    """

    id: str
    body: str
    token: str
    group: str = ""
    attributes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Held:
    """
    A message that was received; `receipt` stands for it until it is deleted or let go, and
    `queue_id` is the queue's own id of it.
    """

    message: Sent
    queue_id: str
    receipt: str
    sent: datetime
    receives: int


class Queues(Protocol):
    """Each queue goes by its URL."""

    def depth(self, url: str) -> Depth: ...

    def receive(self, url: str) -> list[Held]:
        """Up to 10, which nobody else gets for half a minute; none if none is waiting."""

    def let_go(self, url: str, held: Held) -> None:
        """Let anybody have it again."""

    def send(self, url: str, message: Sent) -> None: ...

    def delete(self, url: str, held: Held) -> None: ...


class SqsQueues:
    """`client` is boto3's of SQS."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def depth(self, url: str) -> Depth:
        with _translated(url):
            told = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        names = ("", "NotVisible", "Delayed")
        counts = (int(told["Attributes"][f"ApproximateNumberOfMessages{name}"]) for name in names)
        return Depth(*counts)

    def receive(self, url: str) -> list[Held]:
        with _translated(url):
            told = self._client.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=MOST_AT_ONCE,
                VisibilityTimeout=HELD_SECONDS,
                WaitTimeSeconds=1,  # asks all of SQS's servers, where 0 asks some
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
        return [_held(message) for message in told.get("Messages", ())]

    def let_go(self, url: str, held: Held) -> None:
        with _translated(url):
            self._client.change_message_visibility(
                QueueUrl=url, ReceiptHandle=held.receipt, VisibilityTimeout=0
            )

    def send(self, url: str, message: Sent) -> None:
        named = {ID: text(message.id)}
        told: dict[str, Any] = {"MessageAttributes": {**message.attributes, **named}}
        if url.endswith(FIFO):
            told["MessageGroupId"] = message.group or sha256(message.id.encode()).hexdigest()
            told["MessageDeduplicationId"] = sha256(message.token.encode()).hexdigest()
        with _translated(url):
            self._client.send_message(QueueUrl=url, MessageBody=message.body, **told)

    def delete(self, url: str, held: Held) -> None:
        with _translated(url):
            self._client.delete_message(QueueUrl=url, ReceiptHandle=held.receipt)


def _translated(url: str) -> Any:
    name = url.rpartition("/")[2]
    absent = CloudError(f"queue {name}", "there is no such queue", "Deploy the model again.")
    return translated(f"queue {name}", absent=absent)


def text(value: str) -> dict[str, Any]:
    """An attribute."""
    return {"DataType": "String", "StringValue": value}


def _held(received: Mapping[str, Any]) -> Held:
    told, queue_id = received.get("Attributes", {}), received["MessageId"]
    attributes = {
        name: _attribute(each) for name, each in received.get("MessageAttributes", {}).items()
    }
    message = Sent(
        id=attributes.get(ID, {}).get("StringValue") or queue_id,
        body=received["Body"],
        token=queue_id,
        group=told.get("MessageGroupId", ""),
        attributes=attributes,
    )
    return Held(
        message=message,
        queue_id=queue_id,
        receipt=received["ReceiptHandle"],
        sent=datetime.fromtimestamp(int(told.get("SentTimestamp", 0)) / 1000, UTC),
        receives=int(told.get("ApproximateReceiveCount", 0)),
    )


def _attribute(told: Mapping[str, Any]) -> dict[str, Any]:
    """Without the lists, which SQS tells and does not take."""
    names = ("DataType", "StringValue", "BinaryValue")
    return {name: told[name] for name in names if told.get(name)}
