"""The `wherry` command: its groups and commands, in the order of a model's life."""

from typing import Annotated

import typer

from cli.call import help_examples
from cli.commands import (
    artifacts,
    batch,
    bundle,
    console,
    demo,
    deploy,
    doctor,
    experiment,
    grpc_proxy,
    import_,
    local,
    model,
    new,
    optimize,
    predict,
    queue,
    rollout,
    serve,
    shadow,
    simulate,
)

EXAMPLES = (
    "wherry train iris && wherry prepare iris && wherry publish iris",
    "wherry serve iris --port 8080",
    "wherry deploy iris --target local",
    "wherry rollout start iris && wherry rollout watch iris",
)

app = typer.Typer(
    name="wherry",
    help=f"{help_examples(EXAMPLES)}\n\nFerry a trained model to HTTPS predictions on AWS Lambda.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:  # noqa: FBT001 (typer's callback)
    if asked:
        from importlib.metadata import version

        typer.echo(f"wherry {version('wherry')}")
        raise typer.Exit


@app.callback()
def whole(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    del version  # its callback has answered


for group in (
    doctor,
    new,
    import_,
    model,
    optimize,
    artifacts,
    bundle,
    serve,
    deploy,
    predict,
    batch,
    queue,
    grpc_proxy,
    simulate,
    rollout,
    experiment,
    shadow,
    console,
    local,
    demo,
):
    app.add_typer(group.app)
