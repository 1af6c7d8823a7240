"""`wherry batch run|list|status|cancel|schedule`."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli import batch_run_views as run_views
from cli import batch_views as views
from cli import batches
from cli.call import Call, command, help_examples
from cli.commands import batch_runs
from cli.commands.batch_runs import ModelName
from cli.commands.serve import StoreUrl
from cli.progress import showing
from cli.signers import PublicKeys
from wherry.errors import UsageError

if TYPE_CHECKING:
    from wherry.batch.contract import Options
    from wherry_control.batch.local import LocalRun
    from wherry_control.batch.summary import Summary

DONE, FAILED, REFUSED = 0, 1, 3
INPUT_HELP = "A file, a folder, s3://bucket/prefix, or the manifest.json of an S3 inventory."

Format = Literal["csv", "jsonl", "parquet"]
Input = Annotated[str, typer.Option("--input", metavar="URL", help=INPUT_HELP)]
Output = Annotated[
    str, typer.Option("--output", metavar="URL", help="A folder of its own, or s3://bucket/prefix.")
]
InputFormat = Annotated[
    Format | None, typer.Option("--format", help="Of the input; else as the names of files end.")
]
OutputFormat = Annotated[Format | None, typer.Option("--to", help="Of the output; else the same.")]
Keep = Annotated[
    str, typer.Option("--keep", metavar="a,b", help="Columns to carry through; '*' for all.")
]
Id = Annotated[
    str, typer.Option("--id", metavar="COLUMN", help="Carry it through, and name rows by it.")
]
PartRows = Annotated[
    int | None,
    typer.Option(
        "--part-rows", min=0, metavar="N",
        help="Rows of a part at most; else as [batch] of model.toml says, or as 64 MiB hold.",
    ),
]  # fmt: skip
Version = Annotated[
    int | None, typer.Option("--version", min=1, help="Else what is locked, or live on AWS.")
]
Here = Annotated[bool, typer.Option("--here", help="On this machine, by as many processes as pay.")]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, help="Processes of --here; else as many as pay.")
]
Tolerated = Annotated[
    int | None,
    typer.Option("--tolerated", min=0, max=100, help="Percent of parts that may fail."),
]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Until it has ended, or only begun.")]

EXAMPLES = (
    "wherry batch run iris --input rows.csv --output predictions",
    "wherry batch list iris",
)
HELP = "Predict whole data sets, on this machine or on AWS, and resume what was stopped."

app = typer.Typer(name="batch", help=f"{help_examples(EXAMPLES)}\n\n{HELP}", short_help=HELP)


@command(
    app,
    "run",
    "wherry batch run iris --input rows.csv --output predictions",
    "wherry batch run iris --input rows/ --output predictions --to parquet --id flower",
    "wherry batch run iris --input s3://data/in/ --output s3://data/out --here --target local",
    "wherry batch run iris --input s3://data/in/ --output s3://data/out --target aws",
    dry_run=True,
)
def run(  # noqa: PLR0913 - each is an option of the command
    call: Call,
    model: ModelName,
    *,
    source: Input,
    output: Output,
    written: InputFormat = None,
    to: OutputFormat = None,
    keep: Keep = "",
    id_: Id = "",
    part_rows: PartRows = None,
    version: Version = None,
    here: Here = False,
    workers: Workers = None,
    tolerated: Tolerated = None,
    wait: Wait = True,
    public_key: PublicKeys = None,
    store: StoreUrl = None,
) -> None:
    """
    Answer every row of CSV, JSON Lines or Parquet; ask again to do what is missing.

    Rows that are bad go to a side file with their number and the reason. Results are written once,
    so that nothing is lost or doubled however often a run is stopped. Paths of this machine are
    answered on this machine; else a state machine does it, with the release that is live.
    """
    rows = _part_rows(call, model) if part_rows is None else part_rows
    places = batches.places(source, output, _options(written, to, keep, id_, rows))
    asked = batches.Asked(
        call=call, model=model, places=places, version=version, part_rows=part_rows
    )
    if batches.is_here(source, output, here=here):
        come = _here(call, asked.here(store, public_key, workers), tolerated or 0)
    else:
        _check_absent({"--workers": workers, "--public-key": public_key, "--store": store})
        come = _on_aws(call, asked, tolerated, wait=wait)
    if come is not None:
        _tell(call, come)


app.add_typer(batch_runs.app)


def _options(
    written: Format | None, to: Format | None, keep: str, id_: str, part_rows: int
) -> "Options":
    from wherry.batch.contract import Options

    kept = tuple(filter(None, map(str.strip, keep.split(","))))
    return Options(format=written or "", to=to or "", keep=kept, id=id_, part_rows=part_rows)


def _part_rows(call: Call, model: str) -> int:
    from wherry_control.batch import declared

    return declared.part_rows(call.project.model_folder(model))


def _here(call: Call, local: "LocalRun", tolerated: int) -> "Summary | None":
    if call.dry_run:
        planned = local.intent()
        told = {
            "partitions": len(planned.tasks),
            "missing": planned.missing,
            "drift": planned.drift,
        }
        call.out.result(told, views.would_do(planned, local.places.output))
        return None
    try:
        with showing("predicting") as tell:
            return local(tolerated, tell)
    except KeyboardInterrupt:
        call.out.note("what is done stays done: the same command goes on from there")
        raise


def _on_aws(
    call: Call, asked: batches.Asked, tolerated: int | None, *, wait: bool
) -> "Summary | None":
    from wherry_control.batch.following import failure
    from wherry_control.batch.starting import begin, stem_of

    pinned = asked.pinned()
    told, run_id = asked.told(pinned, tolerated), asked.run_id(pinned)
    if call.dry_run:
        call.out.result(told, run_views.intent(told, stem_of(run_id)))
        return None
    begun = begin(batches.runs(call, asked.model), run_id, told)
    if not wait:
        call.out.result(begun, run_views.begun(begun, asked.model))
        return None
    call.out.note(run_views.begun_line(begun))
    execution = batches.watched(call, asked.model, begun)
    come = batches.come_to(call, asked.model, execution)
    if come is None:
        raise failure(execution, batches.log_of(call, asked.model))
    return come


def _check_absent(given: dict[str, object]) -> None:
    for option, value in given.items():
        if value is not None:
            raise UsageError(option, "it is for a run on this machine", "Add --here, or leave it.")


def _tell(call: Call, come: "Summary") -> None:
    call.out.result(come, views.summary(come))
    if code := code_of(come):
        raise typer.Exit(code)


def code_of(come: "Summary") -> int:
    """Parts that are missing may be done by another try; rows that are bad stay bad."""
    if not come.complete:
        return FAILED
    return REFUSED if come.all_refused else DONE
