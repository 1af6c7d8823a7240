"""`wherry deploy` and `wherry predict`."""

from typing import Annotated, Literal

import typer

from cli import compose, views
from cli.call import Call, command

Models = Annotated[
    list[str] | None,
    typer.Argument(metavar="[MODEL]...", help="Models; all that were published to the target."),
]
Packaging = Annotated[
    Literal["image", "zip"] | None,
    typer.Option("--packaging", help="Overrides [deploy] packaging of model.toml."),
]
StoreOnly = Annotated[bool, typer.Option("--store", help="Deploy the model store.")]
Bootstrap = Annotated[
    bool, typer.Option("--bootstrap", help="Prepare the account and region for the CDK first.")
]


app = typer.Typer()


@command(
    app,
    "deploy",
    "wherry deploy --bootstrap --store",
    "wherry deploy iris --dry-run",
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
    packaging: Packaging = None,
) -> None:
    """
    Publish releases with the CDK, and show them; live traffic does not move.

    With --store and no model, only the store is deployed: it is needed before the first
    `wherry publish` to a target. With --bootstrap alone, nothing is deployed.
    """
    from cli.inputs import locked_models
    from wherry_control.deploy import Request

    only_basis = (store or bootstrap) and not models
    chosen = [] if only_basis else locked_models(call, models or [])
    request = Request(models=chosen, store=store, bootstrap=bootstrap)
    report = compose.deployments(call, packaging).run(request)
    call.out.result(report, views.deployment(report))
