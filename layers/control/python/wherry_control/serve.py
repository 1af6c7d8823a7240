"""
Serve: one release of a model over HTTP on this machine, by the very app that Lambda runs.

uvicorn with an event loop and a parser written in C, one worker, and no access log: the evidence of
each prediction, on stdout, is one. The port is taken before the model is loaded, so that a busy one
is told at once, and an early caller waits instead of being refused. gRPC, where it is wanted, is
answered beside it, by the same app.
"""

import socket
from collections.abc import Callable, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from uvicorn import Config, Server

from wherry.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wherry.http import App
    from wherry.jobs.local import LocalJobs

BACKLOG = 128


class Extras(NamedTuple):
    """
    What is there beside HTTP. With `batching`, requests that wait at once are computed at once
    where that pays; gRPC where it has a port; jobs where they have a directory.
    """

    batching: bool = True
    grpc_port: int | None = None
    jobs: Path | None = None


NO_EXTRAS = Extras()


def serve(
    variables: Mapping[str, str],
    *,
    host: str,
    port: int,
    ready: Callable[[str], None],
    extras: Extras = NO_EXTRAS,
) -> None:
    """
    Load the release that `variables` describe, and answer until interrupted.

    `ready` hears each address: HTTP's, and gRPC's where that has a port.
    """
    listener = _listen(host, port)
    try:
        if extras.grpc_port is not None:
            _listen(host, extras.grpc_port).close()
        with _jobs(extras.jobs) as jobs:
            app = _app(variables, extras, jobs)
            _answer(app, listener, ready, extras.grpc_port, jobs)
    finally:
        listener.close()


def _app(variables: Mapping[str, str], extras: Extras, jobs: "LocalJobs | None") -> "App":
    from wherry.beside import chooser_of
    from wherry.evidence import EvidenceLog, to_stdout
    from wherry.http import App
    from wherry.http.hooks import Hooks
    from wherry.service import load_service
    from wherry.settings import Settings
    from wherry_control.batching import BatchingApp

    settings = Settings.from_environment(variables)
    service = load_service(settings)
    make = BatchingApp if extras.batching else App
    evidence = EvidenceLog(service.release, slo_ms=settings.slo_ms)
    hooks = Hooks(chooser_of(settings, service), jobs=jobs.routes if jobs else None)
    if jobs is not None:
        jobs.start(settings)
    return make(service, evidence=evidence, feedback=to_stdout, docs=settings.docs, hooks=hooks)


@contextmanager
def _jobs(folder: Path | None) -> "Iterator[LocalJobs | None]":
    if folder is None:
        yield None
        return
    from wherry.jobs.local import LocalJobs

    with closing(LocalJobs(folder)) as jobs:
        yield jobs


def _answer(
    app: "App",
    listener: socket.socket,
    ready: Callable[[str], None],
    grpc_port: int | None,
    jobs: "LocalJobs | None",
) -> None:
    host, port = listener.getsockname()[:2]
    ready(f"http://{host}:{port}")
    around = jobs.around if jobs else _alone
    if grpc_port is None:
        _run(around(app), listener, lifespan="off")
        return
    from wherry_control.grpc.beside import Beside

    both = Beside(app, host, grpc_port, lambda address: ready(f"grpc://{address}"))
    _run(around(both), listener, lifespan="on")
    if both.error:
        raise both.error


def _alone(app: Any) -> Any:
    return app


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
