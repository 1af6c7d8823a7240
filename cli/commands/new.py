"""`wherry new`."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.call import Call, command
from wherry.errors import UsageError

if TYPE_CHECKING:
    from wherry.manifest import TensorSpec

OF_A_FILE = "Of a trained model"
TENSOR = re.compile(r"([A-Za-z_]\w*):([A-Z0-9]+)((?::-?\d+(?:x-?\d+)*)?)")

NewName = Annotated[str, typer.Argument(metavar="MODEL", help="a-z, 0-9 and hyphens.")]
From = Annotated[
    Path | None,
    typer.Option(
        "--from", metavar="FILE", help="The file of a trained model.", rich_help_panel=OF_A_FILE
    ),
]
Rows = Annotated[
    Path | None,
    typer.Option(
        "--rows",
        metavar="FILE",
        help="Rows that it never saw, to judge it by: .csv or .npz.",
        rich_help_panel=OF_A_FILE,
    ),
]
Target = Annotated[
    str | None,
    typer.Option(
        "--target",
        metavar="COLUMN",
        help="Which column of the rows is the truth.",
        rich_help_panel=OF_A_FILE,
    ),
]
TaskName = Annotated[
    Literal["classification", "regression", "other"] | None,
    typer.Option("--task", help="Where the file does not say.", rich_help_panel=OF_A_FILE),
]
LabelNames = Annotated[
    str | None,
    typer.Option(
        "--labels",
        metavar="A,B,…",
        help="What a network's columns mean, in order.",
        rich_help_panel=OF_A_FILE,
    ),
]
Inputs = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="NAME:DATATYPE[:SIZES]",
        help="A tensor of a network, where the file does not say: image:FP32:1x28x28.",
        rich_help_panel=OF_A_FILE,
    ),
]


app = typer.Typer()


@command(
    app,
    "new",
    "wherry new churn",
    "wherry new churn --from churn.joblib",
    "wherry new churn --from churn.pkl --rows held_out.csv --target churned",
    dry_run=True,
    target="none",
)
def new(  # noqa: PLR0913 - each is an option of the command
    call: Call,
    model: NewName,
    *,
    file: From = None,
    rows: Rows = None,
    target: Target = None,
    task: TaskName = None,
    labels: LabelNames = None,
    inputs: Inputs = None,
) -> None:
    """
    Make a model folder: one that trains as it stands, or one of a model that is trained.

    With --from, the file is opened in a sandbox, to learn what it takes and answers.
    """
    models = call.project.root / "models"
    if target and not rows:
        raise UsageError("--target", "it is a column of --rows FILE", "Add --rows FILE.")
    if file is None:
        if any((rows, target, task, labels, inputs)):
            raise UsageError("wherry new", "this option is for --from FILE", "Add --from FILE.")
        from models.preparation.new import new_model

        made, following = new_model(models, model, dry_run=call.dry_run), "train"
    else:
        from models.preparation.importing import Found, new_from
        from models.preparation.sources.options import Options

        tensors = tuple(map(_tensor, inputs or ()))
        options = Options(task=task, labels=_labels(labels), inputs=tensors)
        found = Found(file=file, options=options, held_out=rows, target=target)
        with call.out.working(f"Opening {file.name}"):
            made, following = new_from(models, model, found, dry_run=call.dry_run), "prepare"
    shown = [str(path.relative_to(call.project.root)) for path in made]
    call.out.result({"model": model, "files": shown}, [*shown, f"Next: wherry {following} {model}"])


def _labels(told: str | None) -> tuple[str | int, ...] | None:
    """Whole numbers where all are, else text."""
    if told is None:
        return None
    names = [each.strip() for each in told.split(",")]
    numbers = all(re.fullmatch(r"-?\d+", each) for each in names)
    return tuple(map(int, names)) if numbers else tuple(names)


def _tensor(told: str) -> "TensorSpec":
    from typing import get_args

    from wherry.manifest import Datatype, TensorSpec

    found = TENSOR.fullmatch(told)
    if found is None or found[2] not in get_args(Datatype):
        raise UsageError("--input", f"{told!r} is no tensor", "Try --input image:FP32:1x28x28.")
    sizes = found[3].lstrip(":")
    shape = tuple(map(int, sizes.split("x"))) if sizes else ()
    return TensorSpec(found[1], found[2], (-1, *shape))  # type: ignore[arg-type]
