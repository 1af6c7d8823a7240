"""`wherry import`: models that another tool keeps."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from cli.call import Call, command, help_examples

if TYPE_CHECKING:
    from models.preparation.importing import Found

Uri = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="models:/name/3, models:/name@alias, runs:/id/model, or a folder with an MLmodel.",
    ),
]
Name = Annotated[str, typer.Option("--name", metavar="NAME", help="What it is called here.")]
Tracking = Annotated[
    str | None,
    typer.Option(
        "--tracking-uri",
        metavar="URI",
        help="MLflow's server or store; else MLFLOW_TRACKING_URI.",
    ),
]

EXAMPLES = ("wherry import mlflow models:/churn@champion --name churn",)
TELLS = "Make a model folder of a model that another tool keeps."

app = typer.Typer(name="import", help=f"{help_examples(EXAMPLES)}\n\n{TELLS}", short_help=TELLS)


@command(
    app,
    "mlflow",
    "wherry import mlflow models:/churn/3 --name churn --tracking-uri http://127.0.0.1:5000",
    "wherry import mlflow models:/churn@champion --name churn",
    "wherry import mlflow mlruns/0/models/m-1/artifacts --name churn",
    dry_run=True,
    target="none",
)
def mlflow(call: Call, uri: Uri, *, name: Name, tracking: Tracking = None) -> None:
    """
    Make a model folder of a model of MLflow.

    Its signature and its input example are taken over. It is opened in a sandbox only.
    """
    from models.preparation.folders import new_folder
    from models.preparation.importing import new_from

    models = call.project.root / "models"
    new_folder(models, name)
    with TemporaryDirectory(prefix="wherry-") as scratch, call.out.working(f"Fetching {uri}"):
        found = _found(uri, tracking, Path(scratch))
        made = new_from(models, name, found, dry_run=call.dry_run)
    shown = [str(path.relative_to(call.project.root)) for path in made]
    call.out.result({"model": name, "files": shown}, [*shown, f"Next: wherry prepare {name}"])


def _found(uri: str, tracking: str | None, scratch: Path) -> "Found":
    from models.preparation.sources.mlflow.download import download
    from models.preparation.sources.mlflow.folders import read_folder

    if Path(uri).is_dir():
        return read_folder(Path(uri))
    downloaded = download(uri, tracking, scratch)
    found = read_folder(downloaded.folder)
    tags = ", ".join(f"{name} {value}" for name, value in sorted(downloaded.tags.items()))
    parts = [f"{uri}.", found.description, f"Tags: {tags}." if tags else ""]
    return replace(found, description=" ".join(filter(None, parts)))
