"""
gRPC beside HTTP, in one process and one event loop, from one app.

It is an ASGI app around the app: the server that runs it starts and stops gRPC by ASGI's lifespan
events. So calls of both wait in one queue, and one signal ends both in order.
"""

from collections.abc import Callable
from typing import Any

from wherry.errors import WherryError
from wherry.http import App
from wherry_control.grpc.server import answering


class Beside:
    """`ready` hears the address; `error` holds why gRPC could not start, if so."""

    def __init__(self, app: App, host: str, port: int, ready: Callable[[str], None]) -> None:
        self._app = app
        self._place = host, port
        self._ready = ready
        self.error: WherryError | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """As ASGI has it."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        await receive()
        try:
            async with answering(self._app.answer_soon, *self._place) as address:
                self._ready(address)
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except WherryError as error:
            self.error = error
            await send({"type": "lifespan.startup.failed"})
        else:
            await send({"type": "lifespan.shutdown.complete"})
