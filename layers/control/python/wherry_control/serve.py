"""
Serve: one release of a model over HTTP on this machine, by the very app that Lambda runs.

uvicorn with an event loop and a parser written in C, one worker, and no access log: the evidence of
each prediction, on stdout, is one. The port is taken before the model is loaded, so that a busy one
is told at once, and an early caller waits instead of being refused. gRPC, where it is wanted, is
answered beside it, by the same app.
"""

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from uvicorn import Config, Server

from wherry.errors import ToolError

if TYPE_CHECKING:
    from wherry.http import App

BACKLOG = 128


def serve(
    variables: Mapping[str, str],
    *,
    host: str,
    port: int,
    ready: Callable[[str], None],
    grpc_port: int | None = None,
    batching: bool = True,
) -> None:
    """
    Load the release that `variables` describe, and answer until interrupted.

    `ready` hears each address: HTTP's, and gRPC's where that has a port. With `batching`, requests
    that wait at once are computed at once where that pays.
    """
    listener = _listen(host, port)
    try:
        if grpc_port is not None:
            _listen(host, grpc_port).close()
        _answer(_app(variables, batching=batching), listener, ready, grpc_port)
    finally:
        listener.close()


def _app(variables: Mapping[str, str], *, batching: bool) -> "App":
    from wherry.beside import chooser_of
    from wherry.evidence import EvidenceLog, to_stdout
    from wherry.http import App
    from wherry.http.hooks import Hooks
    from wherry.service import load_service
    from wherry.settings import Settings
    from wherry_control.batching import BatchingApp

    settings = Settings.from_environment(variables)
    service = load_service(settings)
    make = BatchingApp if batching else App
    evidence = EvidenceLog(service.release, slo_ms=settings.slo_ms)
    hooks = Hooks(chooser_of(settings, service))
    return make(service, evidence=evidence, feedback=to_stdout, docs=settings.docs, hooks=hooks)


def _answer(
    app: "App", listener: socket.socket, ready: Callable[[str], None], grpc_port: int | None
) -> None:
    host, port = listener.getsockname()[:2]
    ready(f"http://{host}:{port}")
    if grpc_port is None:
        _run(app, listener, lifespan="off")
        return
    from wherry_control.grpc.beside import Beside

    both = Beside(app, host, grpc_port, lambda address: ready(f"grpc://{address}"))
    _run(both, listener, lifespan="on")
    if both.error:
        raise both.error


def _run(app: Any, listener: socket.socket, *, lifespan: Literal["on", "off"]) -> None:
    config = Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan=lifespan,
        log_level="warning",
        access_log=False,
        proxy_headers=False,  # nothing here asks who the caller is
        server_header=False,
    )
    with suppress(KeyboardInterrupt):  # uvicorn has ended in order, and tells it once more
        Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((host, port), backlog=BACKLOG)
    except OSError as error:
        raise ToolError(
            f"{host}:{port}",
            f"cannot listen there ({error.strerror or error})",
            "Choose another --port, or another --host.",
        ) from error
    # Those it accepts take it over. Without, an answer in two writes waits 40 ms for a delayed ACK;
    # event loops set it by themselves only on sockets that they have made.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
