"""
Messages for a model's queue, as their senders make them: with an id, and a claim if they are large.

A message with an id of its own can be sent again without harm when it is not known whether it
arrived: it has one result.
"""

import json
from hashlib import sha256

from wherry.errors import UsageError
from wherry.queue.claims import CLAIM, Claims
from wherry.queue.messages import CONTENT_TYPE
from wherry.queue.results import name_of
from wherry_control.queueing.queues import Sent, text

MOST_BYTES = 200_000  # of a body in the message itself


def message(
    data: bytes, message_id: str, claims: Claims, *, content_type: str = "", group: str = ""
) -> Sent:
    """Of a payload as `POST …/infer` or `…/predict` takes it; a large or binary one is uploaded."""
    body = _body(data)
    if body is None:
        body = json.dumps({CLAIM: claims.keep("sent", name_of(message_id), data)})
    token = sha256(f"{message_id}\0{body}".encode()).hexdigest()
    attributes = {CONTENT_TYPE: text(content_type)} if content_type else {}
    return Sent(id=message_id, body=body, token=token, group=group, attributes=attributes)


def each_row(data: bytes) -> list[bytes]:
    """One payload for each row of a list in JSON. A list of values is no row by itself."""
    try:
        rows = json.loads(data)
    except ValueError as error:
        raise UsageError("--each", f"the data is not JSON ({error})") from error
    if not isinstance(rows, list) or not rows:
        raise UsageError("--each", "the data is no list of rows", "Send it without --each.")
    return [json.dumps(row if isinstance(row, dict) else [row]).encode() for row in rows]


def _body(data: bytes) -> str | None:
    """None if it is no message: too large, or no text."""
    if not data:
        raise UsageError("the data", "there is none")
    if len(data) > MOST_BYTES:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
