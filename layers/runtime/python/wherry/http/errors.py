"""
The one table from errors to HTTP status, and the one shape in which they leave: {"error": "…"}.

What the caller can mend is told in full; of anything else only that it happened. The reason is in
the log.
"""

import logging
from collections.abc import Mapping

import orjson

from wherry.errors import NotFoundError, RequestError, TooLargeError
from wherry.http.wire import Reply, Request

# The first that fits; whatever is not here is ours to mend.
STATUS: Mapping[type[Exception], int] = {
    NotFoundError: 404,
    TooLargeError: 413,
    RequestError: 400,
}
INTERNAL = 500
JSON = "application/json"

OK, NOT_FOUND, NOT_ALLOWED = 200, 404, 405
_PHRASES = {NOT_FOUND: "Not Found", NOT_ALLOWED: "Method Not Allowed"}
_LONGEST = 200

_logger = logging.getLogger("wherry.http")


def json_reply(content: object, status: int = 200) -> Reply:
    """`content` in JSON."""
    return Reply(status, {"content-type": JSON}, orjson.dumps(content))


def error_reply(error: Exception) -> Reply:
    """Log what is ours to mend; tell what is theirs."""
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), INTERNAL)
    if status == INTERNAL:
        _logger.error("a request failed", exc_info=error)
        return json_reply({"error": "the server failed; its log says why"}, status)
    return json_reply({"error": str(error)}, status)


def unrouted(request: Request, status: int, **headers: str) -> Reply:
    """No such path, or no such method of it."""
    asked = f"{request.method} {request.path}"[:_LONGEST]
    reply = json_reply({"error": f"{asked}: {_PHRASES[status]}; see GET /v2"}, status)
    reply.headers.update(headers)
    return reply
