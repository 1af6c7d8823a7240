"""`wherry rollout set|status|promote|rollback`."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli import compose, views
from cli.call import Call, command, help_examples

if TYPE_CHECKING:
    from wherry_control.controller import Outcome

ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="The model's folder name.")]
Weight = Annotated[float, typer.Option("--weight", help="Percent of the traffic, 0 to 100.")]
Candidate = Annotated[
    str | None,
    typer.Option(
        "--candidate", help="The release to try; else the one on trial, or the newest one."
    ),
]

EXAMPLES = (
    "wherry rollout status iris",
    "wherry rollout set iris --weight 10",
    "wherry rollout promote iris",
    "wherry rollout rollback iris",
)


app = typer.Typer(
    name="rollout",
    help=f"{help_examples(EXAMPLES)}\n\nShift live traffic between releases, and back.",
    short_help="Shift live traffic between releases, and back.",
)


@command(
    app,
    "set",
    "wherry rollout set iris --weight 10",
    "wherry rollout set iris --weight 50 --candidate 7 --target aws --dry-run",
    dry_run=True,
    target="local",
)
def set_weight(call: Call, model: ModelName, weight: Weight, candidate: Candidate = None) -> None:
    """
    Send part of the live traffic to a candidate release.

    First the candidate must answer the golden examples of its artifact; if it does not, nothing
    moves, and the exit code is 3.
    """
    _tell(call, compose.rollouts(call, model).set_weight(model, weight, candidate))


@command(
    app,
    "status",
    "wherry rollout status iris",
    "wherry rollout status iris --target aws --json",
    target="local",
)
def status(call: Call, model: ModelName) -> None:
    """Show where traffic goes, the releases, and the ledger's last entries."""
    told = compose.rollouts(call, model).status(model)
    call.out.result(told, views.status(told))


@command(app, "promote", "wherry rollout promote iris", dry_run=True, target="local")
def promote(call: Call, model: ModelName) -> None:
    """Give the candidate all traffic, after it answered the golden examples."""
    _tell(call, compose.rollouts(call, model).promote(model))


@command(app, "rollback", "wherry rollout rollback iris", dry_run=True, target="local")
def rollback(call: Call, model: ModelName) -> None:
    """
    Drop the candidate; or, if none is on trial, go back to the release that was live before.

    Dropping a candidate is one call, and needs neither the store nor the ledger.
    """
    _tell(call, compose.rollouts(call, model).rollback(model))


def _tell(call: Call, outcome: "Outcome") -> None:
    if outcome.warning:
        call.out.note(f"warning: {outcome.warning}")
    call.out.result(outcome, views.outcome(outcome))
