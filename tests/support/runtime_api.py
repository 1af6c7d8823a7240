"""Servers on loopback that a shadow talks to: Lambda's extensions API, and its Invoke."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Event, Thread
from typing import NamedTuple


class Call(NamedTuple):
    """A request that came; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Server:
    """Keeps what came; answers with `status`, or not at all while `hangs`."""

    def __init__(self) -> None:
        self.calls: Queue[Call] = Queue()
        self.status = 202
        self.headers: dict[str, str] = {}
        self.body = b""
        self.hangs = False
        self.released = Event()
        self.closes = False
        self.address = ""

    def end(self) -> None:
        """Let go of whoever waits."""
        self.released.set()

    def answer(self, call: Call) -> int:
        self.calls.put(call)
        if self.hangs:
            self.released.wait()
        return self.status


class ExtensionsApi(Server):
    """Each `invoke` is one event; `next` waits for it, as Lambda's does."""

    def __init__(self) -> None:
        super().__init__()
        self.status = 200
        self.headers = {"Lambda-Extension-Identifier": "an-identifier"}
        self.events: Queue[int] = Queue()
        self.asked: Queue[str] = Queue()

    def answer(self, call: Call) -> int:
        self.calls.put(call)
        self.asked.put(call.path.rpartition("/")[2])
        return self.events.get() if call.path.endswith("/next") else self.status

    def end(self) -> None:
        super().end()
        self.events.put(503)

    def rest(self, _: float) -> None:
        """What an extension may rest by: no time passes, and once its API is gone all of it."""
        if self.released.is_set():
            Event().wait()

    def invoke(self, status: int = 200) -> None:
        """An invocation begins."""
        self.events.put(status)


@contextmanager
def served(server: Server) -> Iterator[None]:
    """Answer at `server.address` until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            size = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.command, self.path, headers, self.rfile.read(size))
            status = server.answer(call)
            self.send_response(status)
            for name, value in server.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(server.body)))
            self.end_headers()
            self.wfile.write(server.body)
            self.close_connection = server.closes

        do_GET = do_POST = _do  # noqa: N815 - the names by which they are found

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Keep quiet."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    server.address = f"127.0.0.1:{listener.server_port}"
    thread = Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.end()
        listener.shutdown()
        listener.server_close()


def main(status: int, hangs: int) -> None:
    """
    Both in a process of their own, as they are beside a function: first their addresses.

    A line in is an invocation; a line out says what the extension has asked.
    """
    extensions, invoke = ExtensionsApi(), Server()
    invoke.status, invoke.hangs = status, bool(hangs)

    def say(text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def tell() -> None:
        while True:
            say(extensions.asked.get())

    with served(extensions), served(invoke):
        say(f"{extensions.address} {invoke.address}")
        Thread(target=tell, daemon=True).start()
        for _ in sys.stdin:
            extensions.invoke()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
