"""
The proxy: gRPC here, HTTPS there, with the API key or a signature that the caller need not have.

It keeps connections open, holds no state, and logs neither key nor payload. It sends nothing twice:
whether to ask again is the caller's to decide, by the code that it gets.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from wherry.http.errors import json_reply
from wherry.http.wire import Reply, Request
from wherry_control.grpc.server import answering
from wherry_control.grpc.upstream import Upstream

if TYPE_CHECKING:
    from httpx import AsyncClient

CONNECTIONS = 64
PLAIN = {"accept-encoding": "identity"}  # to shrink numbers takes longer than to send them
IDLE = 50.0  # seconds; API Gateway closes after 60


def proxy(upstream: Upstream, *, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Answer until SIGINT or SIGTERM; calls under way are finished."""
    asyncio.run(_proxy(upstream, host, port, ready))


@asynccontextmanager
async def proxying(upstream: Upstream, host: str, port: int) -> AsyncIterator[str]:
    """Answer while the context lasts; yield the address."""
    from httpx import AsyncClient, Limits

    limits = Limits(
        max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS, keepalive_expiry=IDLE
    )
    async with AsyncClient(timeout=upstream.timeout, limits=limits) as client:

        async def ask(request: Request) -> Reply:
            return await _ask(client, upstream, request)

        async with answering(ask, host, port) as address:
            yield address


async def _proxy(upstream: Upstream, host: str, port: int, ready: Callable[[str], None]) -> None:
    stopped = asyncio.Event()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(wanted, stopped.set)
    async with proxying(upstream, host, port) as address:
        ready(address)
        await stopped.wait()


async def _ask(client: "AsyncClient", upstream: Upstream, request: Request) -> Reply:
    from httpx import HTTPError, TimeoutException

    url = upstream.url + request.path
    # In a thread: a signature may need new credentials, which are fetched.
    signed = await asyncio.to_thread(upstream.sign, request.method, url, request.body)
    try:
        answer = await client.request(
            request.method,
            url,
            content=request.body,
            headers={**PLAIN, **request.headers, **signed},
        )
    except TimeoutException:
        return json_reply({"error": f"no answer within {upstream.timeout:g} seconds"}, 504)
    except HTTPError as error:
        return json_reply({"error": f"the API cannot be reached ({type(error).__name__})"}, 503)
    return Reply(answer.status_code, dict(answer.headers), answer.content)
