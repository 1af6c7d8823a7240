"""
Both clients asked by ordinary calls, in this process or over a socket, and servers that misbehave
by a script.
"""

import asyncio
import inspect
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import httpx

from tests.support.gateway import Asgi
from tests.support.in_process import InProcess
from wherry.client import AsyncClient, AsyncJob, Client, Job, Retries
from wherry.http import asgi
from wherry.http.wire import Reply, Request


class Time:
    """A clock that passes only while somebody sleeps; then `meanwhile` happens."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        self.meanwhile()

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)

    def retries(self, **told: Any) -> Retries:
        """Without jitter: each wait is as long as it may be."""
        return Retries(now=lambda: self.now, chance=lambda: 1.0, **told)


class Driven:
    """A client, or a job of its, of either kind: what is awaited there is waited for here."""

    def __init__(self, it: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._it = it
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._it, name)
        if not callable(found):
            return found

        def call(*told: Any, **named: Any) -> Any:
            result = found(*told, **named)
            if inspect.isawaitable(result):
                result = self._loop.run_until_complete(result)
            return Driven(result, self._loop) if isinstance(result, Job | AsyncJob) else result

        return call


@contextmanager
def driven(kind: str, url: str, app: Asgi | None, time: Time, **told: Any) -> Iterator[Driven]:
    """A client of `kind`, "sync" or "async"; with `app` it asks that, and no socket."""
    options: dict[str, Any] = {"retries": time.retries(), **told}
    loop = asyncio.new_event_loop()
    try:
        if kind == "sync":
            transport = InProcess(app) if app else None
            with Client(url, transport=transport, sleep=time.sleep, **options) as client:
                yield Driven(client, loop)
        else:
            door = httpx.ASGITransport(app) if app else None
            awaited = AsyncClient(url, transport=door, sleep=time.sleep_async, **options)
            yield Driven(awaited, loop)
            loop.run_until_complete(awaited.aclose())
    finally:
        loop.close()


@dataclass
class Scripted:
    """
    Replies first as told, in turn, then as `app` does; `asked` has every request.

    None in the script lets the app answer.
    """

    app: Asgi
    script: list[Reply | None] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append(Request(scope["method"], scope["path"], headers))
        reply = self.script.pop(0) if self.script else None
        if reply is None:
            await self.app(scope, receive, send)
            return

        async def answer(_: Request) -> Reply:
            return reply

        await asgi.serve(answer, 1 << 30, scope, receive, send)

    @property
    def paths(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.asked]


@dataclass
class Deaf:
    """Does what it is asked; the reply to the first request that is `lost` is not heard."""

    app: Asgi
    lost: Callable[[Request], bool]
    heard: bool = True

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not self.heard or not self.lost(Request(scope["method"], scope["path"], {})):
            await self.app(scope, receive, send)
            return
        self.heard = False

        async def unheard(_: Any) -> None:
            """What was said is lost, and what it was about is done."""

        await self.app(scope, receive, unheard)
        await send({"type": "http.response.start", "status": 502, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@contextmanager
def raw_server(*answers: bytes) -> Iterator[str]:
    """Sends these bytes, one a connection, whatever is asked, and hangs up; then nothing at all."""
    listener = socket.create_server(("127.0.0.1", 0))
    thread = Thread(target=_answer, args=(listener, answers))
    thread.start()
    try:
        yield "http://{}:{}".format(*listener.getsockname())
    finally:
        with socket.create_connection(listener.getsockname()):
            thread.join()
        listener.close()


def _answer(listener: socket.socket, answers: tuple[bytes, ...]) -> None:
    for told in answers:
        connection, _ = listener.accept()
        with connection:
            if not connection.recv(1 << 16):
                return
            connection.sendall(told)


Connect = Callable[..., Driven]
