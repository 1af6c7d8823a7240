"""An app asked by httpx with no socket, for who awaits nothing."""

import asyncio

import httpx

from tests.support.gateway import Asgi


class InProcess(httpx.BaseTransport):
    """The app with no socket and no front; its replies are taken as they come."""

    def __init__(self, app: Asgi) -> None:
        self._door = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._asked(request))

    async def _asked(self, request: httpx.Request) -> httpx.Response:
        request.read()
        reply = await self._door.handle_async_request(request)
        assert isinstance(reply.stream, httpx.AsyncByteStream)
        raw = b"".join([chunk async for chunk in reply.stream])
        return httpx.Response(
            reply.status_code, headers=reply.headers, stream=httpx.ByteStream(raw)
        )
