"""
A message to what it asks of the model: tensors by the protocol, or plain rows.

A body is read as over HTTP. Which of the two routes it is for, it says itself: a V2 request is an
object whose `inputs` is a list of objects, which no plain row can have.
"""

import re

import msgspec

from wherry.errors import RequestError
from wherry.plain import PlainPredictor
from wherry.plain.predictor import CSV, TEXT
from wherry.queue.claims import CLAIM, Claims
from wherry.queue.messages import CONTENT_TYPE, HEADER_LENGTH, Message
from wherry.service import Asked, Service

_MOST_CLAIM = 4096  # bytes of a message that is a claim
_MOST_DIGITS = 16
_TENSORS = re.compile(rb"\s*\[\s*[\]{]")
_NOTHING = msgspec.Raw(b"")


class _Claim(msgspec.Struct, forbid_unknown_fields=True):
    claim: str


class _Head(msgspec.Struct):
    inputs: msgspec.Raw = _NOTHING


_claim = msgspec.json.Decoder(_Claim)
_head = msgspec.json.Decoder(_Head)


def payload(message: Message, claims: Claims | None, most: int) -> bytes:
    """The body, or what it claims; never over `most` bytes of that."""
    claim = claimed(message.body)
    if claim is None:
        return message.body
    if claims is None:
        raise RequestError(CLAIM, "this queue takes none", "Send the payload in the message.")
    return claims.read(claim, most)


class Reader:
    """Reads the messages of one service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._plain = PlainPredictor(service)

    def asked(self, message: Message, body: bytes) -> Asked:
        """What `body`, the payload of the message, asks; raise RequestError if it cannot be."""
        told = message.attributes.get(HEADER_LENGTH)
        if told is not None:
            return self._service.asked(body, header_length=_length(told))
        content_type = message.attributes.get(CONTENT_TYPE, "")
        if not content_type.startswith((CSV, TEXT, "image/")) and _is_v2(body):
            return self._service.asked(body)
        self._service.check_body(len(body))
        return self._plain.asked(body, content_type=content_type)


def claimed(body: bytes) -> str | None:
    """The claim that a message is, if it is one."""
    if len(body) > _MOST_CLAIM or not body.lstrip().startswith(b"{"):
        return None
    try:
        return _claim.decode(body).claim
    except (msgspec.DecodeError, RecursionError):
        return None


def _is_v2(body: bytes) -> bool:
    try:
        inputs = _head.decode(body).inputs
    except (msgspec.DecodeError, RecursionError):
        return False  # a list of rows, or one row, or what the reader of rows will tell of
    return _TENSORS.match(bytes(inputs)) is not None


def _length(told: str) -> int:
    if not (told.isascii() and told.isdigit() and len(told) < _MOST_DIGITS):
        raise RequestError(HEADER_LENGTH, f"{told[:64]!r} came; a number of bytes is wanted")
    return int(told)
