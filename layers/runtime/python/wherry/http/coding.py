"""
Content codings: gzip and deflate bodies in, compressed replies out (RFC 9110, 8.4 and 12.5.3).

Nobody between the caller and the function does it for us: API Gateway and Mangum hand bodies on as
they are. What comes out of a compressed body is bounded while it comes out, so a bomb costs no
more than the limit.
"""

import zlib
from collections.abc import Mapping

from wherry.errors import RequestError, TooLargeError
from wherry.http.wire import Reply

_GZIP, _ZLIB, _RAW = 31, 15, -15  # what zlib calls wbits
_IDENTITY = "identity"
_LEAST = 1400  # bytes; what fits one packet gains nothing
_MUCH, _SAMPLE, _PAYS = 64 * 1024, 16 * 1024, 0.8
_LEVEL = 1  # numbers as text shrink about as well at any level, and far faster at this one
_WBITS: Mapping[str, int] = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}


def plain(body: bytes, coding: str, limit: int) -> bytes:
    """Undo `coding`, one that Content-Encoding names; raise TooLargeError beyond `limit` bytes."""
    name = coding.strip().lower() or _IDENTITY
    if name == _IDENTITY:
        return body
    if name not in _WBITS:
        raise RequestError(
            "Content-Encoding", f"{name[:64]!r} came; gzip, deflate or nothing is wanted"
        )
    wbits = _WBITS[name]
    if wbits == _ZLIB and not _has_zlib_header(body):
        wbits = _RAW  # what some clients mean by deflate
    return _inflated(body, wbits, name, limit)


def compressed(reply: Reply, accepted: str) -> Reply:
    """Compress where the caller takes it and it pays; `accepted` is its Accept-Encoding."""
    if not accepted or len(reply.body) < _LEAST:
        return reply
    name = _chosen(accepted)
    if name is None or not _shrinks(reply.body):
        return reply
    coder = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WBITS[name])
    body = coder.compress(reply.body) + coder.flush()
    headers = {**reply.headers, "content-encoding": name, "vary": "accept-encoding"}
    return Reply(reply.status, headers, body)


def _shrinks(body: bytes) -> bool:
    """Numbers as bytes hardly do, and cost ten times what all else does; a sample tells."""
    if len(body) < _MUCH:
        return True
    sample = body[len(body) // 2 :][:_SAMPLE]
    return len(zlib.compress(sample, _LEVEL)) < _PAYS * len(sample)


def _inflated(body: bytes, wbits: int, name: str, limit: int) -> bytes:
    decoder = zlib.decompressobj(wbits)
    try:
        data = decoder.decompress(body, limit + 1)
    except zlib.error as error:
        raise RequestError("the request", f"it is no {name} ({error})") from None
    if len(data) > limit:
        raise TooLargeError("the request", f"it is over {limit} bytes when decompressed")
    if not decoder.eof:
        raise RequestError("the request", f"its {name} ends too early")
    if decoder.unused_data:
        raise RequestError("the request", f"something follows its {name}")
    return data


def _has_zlib_header(body: bytes) -> bool:
    """RFC 1950, 2.2: method 8, and the first two bytes divisible by 31."""
    return len(body) > 1 and body[0] & 15 == zlib.DEFLATED and (body[0] * 256 + body[1]) % 31 == 0


def _chosen(accepted: str) -> str | None:
    """Gzip before deflate, unless the caller gives either the weight 0."""
    weights = dict(_weighted(item) for item in accepted.lower().split(","))
    anything = weights.get("*", 0.0)
    return next((name for name in ("gzip", "deflate") if weights.get(name, anything) > 0), None)


def _weighted(item: str) -> tuple[str, float]:
    name, _, parameter = item.partition(";")
    weight = parameter.strip().removeprefix("q=")
    try:
        return name.strip(), float(weight) if weight else 1.0
    except ValueError:
        return name.strip(), 0.0
