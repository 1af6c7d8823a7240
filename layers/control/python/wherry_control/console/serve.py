"""
Serve the console on this machine's loopback, and on nothing else.

There is no option for the host: what acts on live traffic by a click is not put on a network. Who
wants it from elsewhere has `ssh -L`, which brings its own lock.
"""

import secrets
import socket
from collections.abc import Callable
from contextlib import suppress

from fastapi import FastAPI
from uvicorn import Config, Server

from wherry.errors import ToolError
from wherry_control.console.app import console_app
from wherry_control.console.board import Board
from wherry_control.console.desk import Desk
from wherry_control.console.guard import Guard

LOOPBACK = "127.0.0.1"
TOKEN_BYTES = 32
GRACE = 2  # seconds for requests under way


def serve_console(board: Board, *, place: str, port: int, ready: Callable[[str], None]) -> None:
    """
    Answer until interrupted; `ready` hears the address, token and all.

    Raise ToolError if the port is taken.
    """
    with listen(port) as listener:
        guard = new_guard(listener)
        ready(address(guard))
        with suppress(KeyboardInterrupt):  # uvicorn has ended in order, and tells it once more
            server(console_app(Desk(board=board, place=place), guard)).run(sockets=[listener])


def new_guard(listener: socket.socket) -> Guard:
    """A token that nobody had before, and the port that it is for."""
    return Guard(secrets.token_urlsafe(TOKEN_BYTES), listener.getsockname()[1])


def address(guard: Guard) -> str:
    """Where the page is, for whoever may see it."""
    return f"http://{LOOPBACK}:{guard.port}/?token={guard.token}"


def server(app: FastAPI) -> Server:
    """uvicorn, without a log of addresses, since one of them holds the token."""
    return Server(
        Config(
            app,
            lifespan="off",
            ws="none",
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
    )


def listen(port: int) -> socket.socket:
    """The loopback at `port`, where 0 takes any."""
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise ToolError(
            f"{LOOPBACK}:{port}",
            f"cannot listen there ({error.strerror or error})",
            "Choose another --port; 0 takes any.",
        ) from error
