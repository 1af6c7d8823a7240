"""
What is told of a message: one JSON text, the same whenever it is told.

    {"id", "status", "model", "version", "release", "result" | "claim" | "error"}

`result` is the answer that the same body gets over HTTP, `claim` the URL of one that is too large
for a message, `error` what the sender must mend. The status is that of HTTP.
"""

import re
from hashlib import sha256
from typing import Any

import msgspec
import orjson

from wherry.errors import RequestError
from wherry.http.errors import STATUS
from wherry.pinned import Pinned
from wherry.queue.claims import CLAIM, Claims
from wherry.queue.memory import Key
from wherry.queue.messages import Answered, Message, Refused, Result
from wherry.service import Answer

OK, CONFLICT = 200, 409
MOST_BYTES = 200_000  # of an answer in a message: what SQS and an item of DynamoDB hold, with room

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_=-][A-Za-z0-9._=-]{0,199}")


class _Told(msgspec.Struct):
    status: int


class Results:
    """Of one model's messages; large answers go to `claims`, and are refused without."""

    def __init__(self, model: str, claims: Claims | None = None) -> None:
        self._model = model
        self._claims = claims

    def answered(self, message: Message, pinned: Pinned, answer: Answer) -> Result:
        """Raise RequestError if it fits no result."""
        if answer.header_length is not None:
            raise RequestError(
                "outputs", "a result is JSON", "Ask for them without the parameter binary_data."
            )
        told: dict[str, Any] = {"result": orjson.Fragment(answer.body)}
        if len(answer.body) > MOST_BYTES:
            told = {CLAIM: self._claimed(message, answer.body)}
        return self._result(message, pinned, OK, told)

    def refused(self, message: Message, pinned: Pinned, error: RequestError) -> Result:
        return self._result(message, pinned, status_of(error), {"error": str(error)})

    def differs(self, message: Message, key: Key) -> Result:
        """
        It goes by a name of its own, since its id's result is another message's. No release has
        answered it, and none is named: it is remembered nowhere, and must be the same each time.
        """
        what = "another message with this id and other content came before"
        error = str(RequestError("id", what, "Send it with an id of its own."))
        told = {"id": message.id, "status": CONFLICT, "model": self._model, "error": error}
        result = _named(message, orjson.dumps(told))
        return msgspec.structs.replace(result, name=f"conflicts/{result.name}/{key.content}")

    def again(self, message: Message, told: bytes) -> Answered | Refused:
        """What was told of it before."""
        result = _named(message, told)
        status = msgspec.json.decode(told, type=_Told).status
        return Answered(result) if status == OK else Refused(result)

    def _result(
        self, message: Message, pinned: Pinned, status: int, told: dict[str, Any]
    ) -> Result:
        head = {
            "id": message.id,
            "status": status,
            "model": self._model,
            "version": str(pinned.version),
            "release": pinned.release,
        }
        return _named(message, orjson.dumps({**head, **told}))

    def _claimed(self, message: Message, data: bytes) -> str:
        if self._claims is None:
            raise RequestError(
                "the answer", f"it is over {MOST_BYTES} bytes", "Send fewer rows in a message."
            )
        return self._claims.keep("answers", name_of(message.id), data)


def status_of(error: RequestError) -> int:
    """As over HTTP."""
    return next(code for kind, code in STATUS.items() if isinstance(error, kind))


def name_of(message_id: str) -> str:
    """The id, if it can be part of a key as it is; else one made of it."""
    if _PLAIN_NAME.fullmatch(message_id):
        return message_id
    return f"hashed/{sha256(message_id.encode(errors='surrogatepass')).hexdigest()}"


def _named(message: Message, body: bytes) -> Result:
    return Result(id=message.id, name=name_of(message.id), body=body, group=message.group)
