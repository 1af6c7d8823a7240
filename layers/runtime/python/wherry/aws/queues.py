"""Results to an SQS queue, one message each."""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Protocol

from wherry.aws.faults import translated
from wherry.queue.messages import Result

FIFO = ".fifo"

# The only two that JSON has as they are and SQS takes in no message.
_BARRED = re.compile("[\ufffe\uffff]")


class QueueClient(Protocol):
    """boto3's `sqs`, as far as results are sent."""

    def send_message(self, **asked: Any) -> Mapping[str, object]: ...


class QueueSink:
    """
    `Sink` of the queue at `url`. The id is an attribute too, if it can be one. In a FIFO queue a
    result has its message's group, or one of its own, and a repeat within five minutes is dropped.
    """

    def __init__(self, client: QueueClient, url: str) -> None:
        self._client = client
        self._url = url

    def put(self, result: Result) -> None:
        """See Sink."""
        told: dict[str, Any] = {"QueueUrl": self._url, "MessageBody": _text(result.body)}
        if result.id.isprintable():
            told["MessageAttributes"] = {"id": {"DataType": "String", "StringValue": result.id}}
        if self._url.endswith(FIFO):
            told["MessageDeduplicationId"] = sha256(result.name.encode()).hexdigest()
            told["MessageGroupId"] = result.group or told["MessageDeduplicationId"]
        with translated(self._url):
            self._client.send_message(**told)


def _text(body: bytes) -> str:
    return _BARRED.sub(lambda found: f"\\u{ord(found[0]):04x}", body.decode())
