"""
Serve: one release of a model over HTTP on this machine, by the very app that Lambda runs.

uvicorn with asyncio and h11 alone: no event loop or parser that the image does not have. The port
is taken before the model is loaded, so that a busy one is told at once, and an early caller waits
instead of being refused.
"""

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress

from wherry.errors import ToolError

BACKLOG = 128


def serve(
    variables: Mapping[str, str], *, host: str, port: int, ready: Callable[[str], None]
) -> None:
    """Load the release that `variables` describe, and answer until interrupted."""
    listener = _listen(host, port)
    try:
        _answer(variables, listener, ready)
    finally:
        listener.close()


def _answer(
    variables: Mapping[str, str], listener: socket.socket, ready: Callable[[str], None]
) -> None:
    from uvicorn import Config, Server

    from wherry.http import App
    from wherry.service import load_service
    from wherry.settings import Settings

    app = App(load_service(Settings.from_environment(variables)))
    config = Config(app, loop="asyncio", http="h11", ws="none", lifespan="off", log_level="warning")
    host, port = listener.getsockname()[:2]
    ready(f"http://{host}:{port}")
    with suppress(KeyboardInterrupt):  # uvicorn has ended in order, and tells it once more
        Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=BACKLOG)
    except OSError as error:
        raise ToolError(
            f"{host}:{port}",
            f"cannot listen there ({error.strerror or error})",
            "Choose another --port, or another --host.",
        ) from error
