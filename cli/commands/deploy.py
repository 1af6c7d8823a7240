"""`wherry deploy` and `wherry predict`."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli import compose, controls, views
from cli.call import Call, command

if TYPE_CHECKING:
    from wherry_control.deploy import Deployed
    from wherry_control.rollouts.state import State

Models = Annotated[
    list[str] | None,
    typer.Argument(metavar="[MODEL]...", help="Models; all that were published to the target."),
]
Packaging = Annotated[
    Literal["image", "zip"] | None,
    typer.Option("--packaging", help="Overrides [deploy] packaging of model.toml."),
]
StoreOnly = Annotated[
    bool, typer.Option("--store", help="Deploy what all models share: the store, and rollouts.")
]
Rollout = Annotated[
    bool, typer.Option("--rollout", help="Begin a rollout of each release that has no traffic yet.")
]
Bootstrap = Annotated[
    bool, typer.Option("--bootstrap", help="Prepare the account and region for the CDK first.")
]


app = typer.Typer()


@command(
    app,
    "deploy",
    "wherry deploy --bootstrap --store",
    "wherry deploy iris --dry-run",
    "wherry deploy iris --rollout",
    "wherry deploy iris --target aws --profile work",
    dry_run=True,
    target="local",
)
def deploy(
    call: Call,
    models: Models = None,
    *,
    store: StoreOnly = False,
    bootstrap: Bootstrap = False,
    rollout: Rollout = False,
    packaging: Packaging = None,
) -> None:
    """
    Publish releases with the CDK, and show them; live traffic does not move.

    With --store and no model, only what all models share is deployed: it is needed before the
    first `wherry publish` to a target. With --bootstrap alone, nothing is deployed. With --rollout,
    the state machine of each model goes on from here.
    """
    from cli.inputs import locked_models
    from wherry_control.deploy import Request

    only_basis = (store or bootstrap) and not models
    chosen = [] if only_basis else locked_models(call, models or [])
    request = Request(models=chosen, store=store, bootstrap=bootstrap)
    report = compose.deployments(call, packaging).run(request)
    begun = [each for model in report.models if rollout for each in _begun(call, model)]
    report = replace(report, rollouts=[each.rollout for each in begun])
    call.out.result(report, views.deployment(report, call.target.name))


def _begun(call: Call, deployed: "Deployed") -> "list[State]":
    """The rollout of a release, unless it is what serves already and was rolled out before."""
    from wherry_control.deploy import is_untried

    told = controls.controls(call, deployed.model)
    if not is_untried(deployed, told.controller.history(deployed.model)):
        return []
    return [told.start(told.plan(), candidate=deployed.release)]
