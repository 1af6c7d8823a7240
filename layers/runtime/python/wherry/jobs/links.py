"""
Inputs up and results down, by the links that a server of its own has made: what S3 does on AWS.

An ASGI app around the app, for bodies that are larger than a request may be: they go to a file, and
come from one, a piece at a time. A link is all that is asked for, as with S3's.
"""

import re
from pathlib import Path
from typing import Any

from wherry.http.asgi import Receive, Scope, Send, path_of
from wherry.http.errors import json_reply
from wherry.jobs.contract import Job, seen
from wherry.jobs.directory import FileObjects, FileRecords
from wherry.jobs.store import new_token

_LINK = re.compile(r"/v2/models/[^/]+/jobs/([0-9a-f]{32})/(?:input|result)/([0-9a-f-]+)")
_PIECE = 1024 * 1024
OK, FORBIDDEN, CONFLICT, TOO_LARGE = 200, 403, 409, 413


class Links:
    """What is no link is the app's."""

    def __init__(self, app: Any, records: FileRecords, objects: FileObjects) -> None:
        self._app = app
        self._records = records
        self._objects = objects

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        found = _LINK.fullmatch(path_of(scope)) if scope["type"] == "http" else None
        if found is None or scope["method"] not in ("GET", "PUT"):
            await self._app(scope, receive, send)
            return
        job = self._records.get(found[1])
        if scope["method"] == "PUT":
            await self._take(job, found[2], receive, send)
        else:
            await self._give(job, found[2], send)

    async def _take(self, job: Job | None, token: str, receive: Receive, send: Send) -> None:
        if job is None or not self._objects.allows(token, "PUT", job.input):
            await _tell(send, FORBIDDEN, "this link is wrong, or its time is over")
        elif seen(job, self._objects.now()).status != "waiting":
            await _tell(send, CONFLICT, "the job does not wait for its input")
        else:
            told = await self._received(job, receive)
            await _tell(send, TOO_LARGE if told else OK, told)

    async def _received(self, job: Job, receive: Receive) -> str:
        """What is wrong with it, if anything; what comes in part is not kept."""
        path = self._objects.path(job.input)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{new_token()}")
        try:
            if not await _into(beside, job.bytes, receive):
                return f"{job.bytes} bytes were announced"
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        return ""

    async def _give(self, job: Job | None, token: str, send: Send) -> None:
        if job is None or job.result is None or not self._allows(job, token):
            await _tell(send, FORBIDDEN, "this link is wrong, or its time is over")
            return
        headers = {**job.result.headers, "content-length": str(job.result.bytes)}
        await _start(send, OK, headers)
        with self._objects.path(job.result.key).open("rb") as file:
            while piece := file.read(_PIECE):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def _allows(self, job: Job, token: str) -> bool:
        key = job.result.key if job.result else ""
        there = self._objects.size(key) is not None
        return there and self._objects.allows(token, "GET", key)


async def _into(path: Path, limit: int, receive: Receive) -> bool:
    """Whether all of a body that is no longer than `limit` was written."""
    size, more = 0, True
    with path.open("wb") as file:
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return False
            body = message.get("body", b"")
            size += len(body)
            if size > limit:
                return False
            file.write(body)
            more = message.get("more_body", False)
    return True


async def _tell(send: Send, status: int, error: str) -> None:
    reply = json_reply({"error": error} if error else {}, status)
    await _start(send, status, {**reply.headers, "content-length": str(len(reply.body))})
    await send({"type": "http.response.body", "body": reply.body})


async def _start(send: Send, status: int, headers: dict[str, str]) -> None:
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
