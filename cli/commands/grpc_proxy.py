"""`wherry grpc-proxy`."""

from typing import Annotated

import typer

from cli import compose
from cli.call import Call, command

To = Annotated[
    str, typer.Option("--to", metavar="URL", help="The API: what `wherry deploy` prints.")
]
ApiKey = Annotated[
    str | None,
    typer.Option(
        "--api-key",
        envvar="WHERRY_API_KEY",
        help="Its API key. Others can see an option: use the variable.",
    ),
]
SigV4 = Annotated[
    bool, typer.Option("--sigv4", help="Sign each request with your AWS credentials.")
]
Host = Annotated[str, typer.Option("--host", help="The address to listen on.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes any.")]


app = typer.Typer()


@command(
    app,
    "grpc-proxy",
    "wherry grpc-proxy --to https://abc123.execute-api.eu-central-1.amazonaws.com/dev --sigv4",
    "wherry grpc-proxy --to http://127.0.0.1:8080 --port 8081",
    target="none",
)
def grpc_proxy(
    call: Call,
    *,
    to: To,
    api_key: ApiKey = None,
    sigv4: SigV4 = False,
    host: Host = "127.0.0.1",
    port: Port = 8081,
) -> None:
    """Answer gRPC on this machine by asking an API over HTTPS, with binary tensors."""
    from wherry_control.grpc.proxy import proxy

    proxy(
        compose.upstream(to, api_key, sigv4=sigv4),
        host=host,
        port=port,
        ready=lambda address: call.out.note(
            f"gRPC at {address} asks {to.rstrip('/')} (Ctrl+C stops it)"
        ),
    )
