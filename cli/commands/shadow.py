"""`wherry shadow start|stop|report`."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli import shadow_views as views
from cli.call import Call, command, help_examples

if TYPE_CHECKING:
    from wherry_control.experiments.shadowing import Shadowing

ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="The model's folder name.")]
Release = Annotated[
    str | None, typer.Option("--release", help="The release to try; else the newest one.")
]
Since = Annotated[str, typer.Option("--since", help="How far back: 90m, 24h, 7d, or a time.")]

EXAMPLES = ("wherry shadow start iris", "wherry shadow report iris", "wherry shadow stop iris")
HELP = "Let a candidate answer a share of the live requests too, unseen by any caller."

app = typer.Typer(name="shadow", help=f"{help_examples(EXAMPLES)}\n\n{HELP}", short_help=HELP)


@command(
    app,
    "start",
    "wherry shadow start iris",
    "wherry shadow start iris --release 7 --target aws",
    dry_run=True,
    target="local",
)
def start(call: Call, model: ModelName, release: Release = None) -> None:
    """
    Send a share of what stable answers to a candidate as well; within a minute it begins.

    How much, `[shadow] share` of model.toml said when stable was deployed.
    """
    moved = _shadowing(call).start(_function(call, model), release)
    call.out.result(moved, views.moved(moved, dry_run=call.dry_run))


@command(
    app,
    "stop",
    "wherry shadow stop iris",
    "wherry shadow stop iris --target aws",
    dry_run=True,
    target="local",
)
def stop(call: Call, model: ModelName) -> None:
    """Send it nothing any more."""
    moved = _shadowing(call).stop(_function(call, model))
    call.out.result(moved, views.moved(moved, dry_run=call.dry_run))


@command(
    app,
    "report",
    "wherry shadow report iris",
    "wherry shadow report iris --since 7d --target aws --json",
    target="local",
)
def report(call: Call, model: ModelName, since: Since = "24h") -> None:
    """
    Tell how far the shadow agrees with what the callers got.

    Look as often as you like: the interval holds at every moment at once.
    """
    from cli.compose import now
    from cli.spans import since as moment
    from wherry_control.experiments.agreement import agreements
    from wherry_control.experiments.shadow_lines import shadow_lines

    function, until = _function(call, model), now()
    client = call.session.client("logs")
    told = agreements(shadow_lines(client, function, moment(since, until), until))
    call.out.result(told, views.agreements(told))


def _function(call: Call, model: str) -> str:
    call.project.model_folder(model)
    return call.target.function(model)


def _shadowing(call: Call) -> "Shadowing":
    from wherry_control.experiments.shadowing import LambdaShadows, Shadowing

    target = call.target  # first: its identity becomes the process's own
    shadows = LambdaShadows(call.session.client("lambda", region_name=target.region))
    return Shadowing(call.cloud, shadows, dry_run=call.dry_run)
