"""`wherry experiment lock`."""

from typing import Annotated

import typer

from cli import experiment_views as views
from cli.call import Call, command, help_examples
from cli.stores import open_store

ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="The model's folder name.")]
StoreUrl = Annotated[
    str | None,
    typer.Option("--store", help="A directory or s3://bucket/prefix; else .wherry/store."),
]

EXAMPLES = ("wherry experiment lock iris", "wherry experiment lock iris --target aws --dry-run")
HELP = "Compare versions of a model on live traffic, each subject always with the same one."

app = typer.Typer(name="experiment", help=f"{help_examples(EXAMPLES)}\n\n{HELP}", short_help=HELP)


@command(app, "lock", *EXAMPLES, dry_run=True)
def lock(call: Call, model: ModelName, store: StoreUrl = None) -> None:
    """
    Draw up the experiment that model.toml declares, for the version that the lock pins.

    Subjects keep their arms, but for the share that must move. `wherry publish` does it too.
    """
    from cli.experiments import resolver
    from wherry_control.environment import required_lock
    from wherry_control.locks import lock_path, write_lock

    folder = call.project.model_folder(model)
    before = required_lock(call.project.root, model, call.target_name)
    after = resolver(call, model, open_store(call, store))(before)
    if not call.dry_run:
        write_lock(lock_path(call.project.root, model, call.target_name), after)
    told = {"model": folder.name, "experiment": after.experiment, "locked": not call.dry_run}
    shown = views.locked(before.experiment, after.experiment, dry_run=call.dry_run)
    call.out.result(told, shown)
