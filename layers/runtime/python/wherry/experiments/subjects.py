"""
Who a request is of: a header, a claim of a verified token, or a parameter of the request.

What names nobody is nobody: then the control answers, and nothing is counted. A parameter is one of
a V2 request (`{"parameters": {"customer": "c-17"}, …}`), since a plain row has no place beside its
fields; who sends plain rows names the subject in a header.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from wherry.errors import RequestError
from wherry.http.wire import Request
from wherry.limits import Limits

HEADER, CLAIM = "header", "claim"

Subject = Callable[[Request], str]


class _WithParameters(msgspec.Struct):
    """All else is skipped unread: the decoder of the protocol is the one that judges it."""

    parameters: dict[str, Any] | None = None


_DECODER = msgspec.json.Decoder(_WithParameters)


def subject_by(declared: str, limits: Limits) -> Subject:
    """What finds the subject, by `header:<name>`, `claim:<name>` or `field:<name>`; else ""."""
    kind, _, name = declared.partition(":")
    if kind == HEADER:
        header = name.lower()
        return lambda request: request.headers.get(header, "").strip()
    if kind == CLAIM:
        return lambda request: request.claims.get(name, "")
    return lambda request: _parameter(request, name, limits)


def _parameter(request: Request, name: str, limits: Limits) -> str:
    """7 and "7" are one subject; what is neither a text nor a whole number names nobody."""
    try:
        told = _DECODER.decode(_json(request, limits)).parameters
    except (msgspec.DecodeError, UnicodeDecodeError, RequestError):
        return ""  # who answers the request refuses it, in better words
    value = (told or {}).get(name)
    return str(value) if type(value) in (str, int) else ""


def _json(request: Request, limits: Limits) -> bytes:
    """Without what follows it as bytes, and without its content coding."""
    body, coding = request.body, request.headers.get("content-encoding")
    if len(body) > limits.body_bytes:
        return b""
    if coding is not None:
        from wherry.http.coding import plain

        body = plain(body, coding, limits.decompressed_bytes)
    told = request.headers.get("inference-header-content-length", "")
    return body[: int(told)] if told.isascii() and told.isdigit() and len(told) < 16 else body  # noqa: PLR2004 - a petabyte
