"""An ASGI app on a loopback port, by uvicorn in a thread: what a real client can be pointed at."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from uvicorn import Config, Server

from tests.support.gateway import Asgi


@contextmanager
def served(app: Asgi) -> Iterator[str]:
    """Its host and port. The socket listens from the start, so that nobody has to wait for it."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    config = Config(
        app, loop="uvloop", http="httptools", ws="none", lifespan="off", log_level="error"
    )
    server = Server(config)
    thread = Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield "{}:{}".format(*listener.getsockname())
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
