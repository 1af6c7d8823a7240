"""`wherry local up|down|status|logs`."""

from contextlib import suppress
from typing import Annotated, Literal

import typer

from cli import views
from cli.call import Call, command, help_examples

Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="The port on 127.0.0.1.")]
Strict = Annotated[bool, typer.Option("--strict", help="TLS and IAM, as AWS has them.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Throw away what was kept before.")]
Keep = Annotated[bool, typer.Option("--keep/--forget", help="Keep the state when it stops.")]
Packaging = Annotated[
    Literal["image", "zip"] | None,
    typer.Option("--packaging", help="How functions run; else images where an engine is."),
]
Follow = Annotated[bool, typer.Option("--follow", help="Go on while it runs.")]

EXAMPLES = (
    "wherry local up",
    "wherry local status",
    "wherry local down",
)


app = typer.Typer(
    name="local",
    help=f"{help_examples(EXAMPLES)}\n\nAn AWS on this machine, to deploy to.",
    short_help="An AWS on this machine, to deploy to.",
)


@command(app, "up", "wherry local up", "wherry local up --strict --fresh", target="none")
def up(
    call: Call,
    *,
    port: Port = 4566,
    strict: Strict = False,
    fresh: Fresh = False,
    keep: Keep = True,
    packaging: Packaging = None,
) -> None:
    """Start the local AWS; nothing happens if it runs already."""
    from infra.local_aws import Options
    from infra.local_aws import up as start

    folder = call.project.local
    options = Options(
        folder=folder, port=port, strict=strict, fresh=fresh, keep=keep, packaging=packaging
    )
    told = start(options, call.out.note)
    call.out.result(told, views.local_status(told))


@command(app, "down", "wherry local down", target="none")
def down(call: Call) -> None:
    """Stop the local AWS, and every function that runs in it."""
    from infra.local_aws import down as stop

    stopped = stop(call.project.local, call.out.note)
    call.out.result({"stopped": stopped}, ["stopped" if stopped else "it was not running"])


@command(app, "status", "wherry local status", target="none")
def status(call: Call) -> None:
    """Show whether the local AWS runs, where, and how."""
    from infra.local_aws import status as look

    told = look(call.project.local)
    call.out.result(told, views.local_status(told))


@command(app, "logs", "wherry local logs", "wherry local logs --follow", target="none")
def logs(call: Call, *, follow: Follow = False) -> None:
    """Print the local AWS's own log; with --follow, until Ctrl+C."""
    from infra.local_aws import logs as read

    with suppress(KeyboardInterrupt):
        call.out.lines(read(call.project.local, follow=follow))
