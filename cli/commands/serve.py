"""`wherry serve` and `wherry env`."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.call import Call, command
from cli.signers import PublicKeys, read_keys
from cli.stores import store_url
from wherry.errors import UsageError

HIGHEST = 65535

ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="The model's folder name.")]
StoreUrl = Annotated[
    str | None,
    typer.Option("--store", help="A directory or s3://bucket/prefix; else .wherry/store."),
]
Host = Annotated[str, typer.Option("--host", help="The address to listen on.")]
Grpc = Annotated[bool, typer.Option("--grpc", help="Answer gRPC too, at the port after --port.")]
JobsFolder = Annotated[
    Path | None, typer.Option("--jobs", help="Take jobs too, and keep them in this directory.")
]
Port = Annotated[int, typer.Option("--port", min=0, max=HIGHEST, help="The port; 0 takes any.")]


class Batching(StrEnum):
    """Whether requests that wait at once may be computed at once."""

    auto = "auto"
    off = "off"


WhetherToBatch = Annotated[
    Batching,
    typer.Option("--batching", help="Compute requests that wait at once together, if it pays."),
]

app = typer.Typer()


@command(
    app,
    "serve",
    "wherry serve iris --port 8080",
    "wherry serve iris --grpc",
    "wherry serve iris --jobs .wherry/jobs",
    "wherry serve iris --target local",
    "wherry serve iris --public-key keys/wherry.pub",
)
def serve(  # noqa: PLR0913 - each is an option of the command
    call: Call,
    model: ModelName,
    *,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    grpc: Grpc = False,
    batching: WhetherToBatch = Batching.auto,
    jobs: JobsFolder = None,
    public_key: PublicKeys = None,
    store: StoreUrl = None,
) -> None:
    """Answer predictions on this machine, with the published artifact that the lock pins."""
    from wherry_control.serve import Extras
    from wherry_control.serve import serve as answer

    variables = {**os.environ, **_release(call, model, store, public_key)}
    answer(
        variables,
        host=host,
        port=port,
        ready=lambda url: _ready(call, model, url),
        extras=Extras(batching is Batching.auto, _grpc_port(port) if grpc else None, jobs),
    )


@command(
    app,
    "env",
    'eval "$(wherry env iris)"',
    "wherry env iris --target local --json",
)
def env(call: Call, model: ModelName, store: StoreUrl = None) -> None:
    """
    Print the environment in which functions.inference.api:handler of the release runs.

    With a --target, it holds the credentials for the target's store as well.
    """
    from cli.compose import bin_folder
    from wherry_control.environment import shell_exports

    told = _release(call, model, store)
    if call.target_name:
        told |= call.target.variables
    call.out.result(told, shell_exports(told, bin_folder=bin_folder()))


def _release(
    call: Call, model: str, store: str | None, public_key: list[Path] | None = None
) -> dict[str, str]:
    from wherry_control.environment import release_environment, required_lock

    call.project.model_folder(model)
    url = store_url(call, store)
    lock = required_lock(call.project.root, model, call.target_name)
    return release_environment(lock, url, read_keys(public_key))


def _grpc_port(port: int) -> int:
    if port == HIGHEST:
        raise UsageError("--port", "gRPC needs the port after it", "Choose a lower one.")
    return port + 1 if port else 0


def _ready(call: Call, model: str, url: str) -> None:
    scheme, _, place = url.partition("://")
    if scheme == "grpc":
        call.out.note(f"{model} answers gRPC at {place}")
        return
    call.out.note(f"{model} answers at {url} (Ctrl+C stops it)")
    call.out.note(f"try: wherry predict {model} --url {url}")
