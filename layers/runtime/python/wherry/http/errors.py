"""
The one table from errors to HTTP status, and the one shape in which they leave: {"error": "…"}.

What the caller can mend is told in full; of anything else only that it happened. The reason is in
the log.
"""

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from wherry.errors import NotFoundError, RequestError, TooLargeError
from wherry.http.replies import JsonReply

# The first that fits; whatever is not here is ours to mend.
STATUS: Mapping[type[Exception], int] = {
    NotFoundError: 404,
    TooLargeError: 413,
    RequestError: 400,
}
INTERNAL = 500

_logger = logging.getLogger("wherry.http")


def error_reply(error: Exception) -> JsonReply:
    """Log what is ours to mend; tell what is theirs."""
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), INTERNAL)
    if status == INTERNAL:
        _logger.error("a request failed", exc_info=error)
        return JsonReply({"error": "the server failed; its log says why"}, status)
    return JsonReply({"error": str(error)}, status)


def answer_errors_in_protocol_shape(app: FastAPI) -> None:
    """Ours, the framework's own (no such path, no such method, no such value), the unforeseen."""
    for kind in (*STATUS, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, _answer)


async def _answer(request: Request, error: Exception) -> JsonReply:
    match error:
        case HTTPException():
            told = f"{request.method} {request.url.path[:200]}: {error.detail}; see GET /v2"
            return JsonReply({"error": told}, error.status_code, error.headers)
        case RequestValidationError():
            first = error.errors()[0]  # the error's own text names files of this server
            return error_reply(RequestError(".".join(map(str, first["loc"])), first["msg"]))
    return error_reply(error)
