"""An asynchronous server, in a thread with an event loop of its own: what a test can ask."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from threading import Thread
from typing import Any, TypeVar

SECONDS = 10

T = TypeVar("T")


@contextmanager
def running(server: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Enter `server` there, yield what it yields, and leave it."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()

    def done(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(SECONDS)

    try:
        yield done(server.__aenter__())
        done(server.__aexit__(None, None, None))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
