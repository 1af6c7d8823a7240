"""`wherry new`."""

from typing import Annotated

import typer

from cli.call import Call, command

NewName = Annotated[str, typer.Argument(metavar="MODEL", help="a-z, 0-9 and hyphens.")]


app = typer.Typer()


@command(app, "new", "wherry new churn", dry_run=True, target="none")
def new(call: Call, model: NewName) -> None:
    """Make a model folder that trains as it stands; then make it your own."""
    from models.preparation.new import new_model

    made = new_model(call.project.root / "models", model, dry_run=call.dry_run)
    shown = [str(path.relative_to(call.project.root)) for path in made]
    call.out.result({"model": model, "files": shown}, [*shown, f"Next: wherry train {model}"])
