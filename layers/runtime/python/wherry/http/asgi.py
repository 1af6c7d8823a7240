"""
The ASGI door: uvicorn, the container server, a test or somebody's own app may hold it.

A body is read to the limit and no further: what a caller says of its length is a claim.
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from wherry.http.wire import Reply, Request

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Answer = Callable[[Request], Awaitable[Reply]]


async def serve(answer: Answer, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one HTTP request; of more than `limit` bytes of body, only so many are read."""
    if scope["type"] != "http":
        await _decline(scope, receive, send)
        return
    body = await _body(receive, limit)
    if body is None:
        return  # the caller has gone
    reply = await answer(_request(scope, body))
    headers = [(name.encode(), value.encode("latin-1")) for name, value in reply.headers.items()]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    told = b"" if scope["method"] == "HEAD" else reply.body
    await send({"type": "http.response.body", "body": told})


def path_of(scope: Scope) -> str:
    """Without the path at which somebody's own app holds this one."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _request(scope: Scope, body: bytes) -> Request:
    return Request(scope["method"], path_of(scope), _headers(scope), body)


def _headers(scope: Scope) -> Mapping[str, str]:
    """One that came more than once is joined by commas, as API Gateway does it."""
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    headers = dict(pairs)
    if len(headers) == len(pairs):
        return headers
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: ", ".join(told) for name, told in values.items()}


async def _body(receive: Receive, limit: int) -> bytes | None:
    """None if the caller goes before it is whole; cut once it is over the limit."""
    message = await receive()
    chunks, size = [], 0
    while message["type"] == "http.request":
        chunk = message.get("body", b"")
        size += len(chunk)
        chunks.append(chunk)
        if size > limit or not message.get("more_body", False):
            return b"".join(chunks) if len(chunks) > 1 else chunk
        message = await receive()
    return None


async def _decline(scope: Scope, receive: Receive, send: Send) -> None:
    """There is nothing to start or to stop, and no web socket."""
    if scope["type"] == "lifespan":
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1000})
