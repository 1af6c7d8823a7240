"""How much one request may ask for. Checked before anything of that size is made."""

from typing import Literal

import msgspec

# What Lambda carries, both ways: one JSON text with the body in it. API Gateway puts every body
# there in base64, four characters for three bytes; the rest of the event is headers and context.
LAMBDA_PAYLOAD = 6 * 1024 * 1024
_EVENT = 64 * 1024
LAMBDA_BODY = (LAMBDA_PAYLOAD - _EVENT) * 3 // 4

NonFinite = Literal["allow", "refuse"]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """
    The defaults are what Lambda carries, so that a model answers on a laptop what it answers there.

    `body_bytes` bounds a request as it comes, `decompressed_bytes` what is made of a compressed
    one, `answer_bytes` the answer. `elements`, `rows` and `text_length` bound each tensor: its
    size, its first dimension, and the characters of each text in it. `nonfinite` says whether NaN
    and infinity may come in.
    """

    body_bytes: int = LAMBDA_BODY
    decompressed_bytes: int = LAMBDA_PAYLOAD
    answer_bytes: int = LAMBDA_BODY
    elements: int = 5_000_000
    rows: int = 1_000_000
    text_length: int = 1_000_000
    nonfinite: NonFinite = "allow"
