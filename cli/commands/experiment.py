"""`wherry experiment lock|report`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from cli import experiment_views as views
from cli.call import Call, command, help_examples
from cli.stores import open_store

ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="The model's folder name.")]
StoreUrl = Annotated[
    str | None,
    typer.Option("--store", help="A directory or s3://bucket/prefix; else .wherry/store."),
]
Since = Annotated[
    str, typer.Option("--since", metavar="TIME", help="From when, or how long ago (7d, 90m).")
]
Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page, too.")
]
MetricKind = Annotated[
    Literal["rate", "value"],
    typer.Option(
        "--kind", help="rate: nothing told counts as 0; value: the mean of what was told."
    ),
]
Better = Annotated[
    Literal["higher", "lower"], typer.Option("--better", help="Which way the metric is good.")
]

EXAMPLES = ("wherry experiment lock iris", "wherry experiment lock iris --target aws --dry-run")
HELP = "Compare versions of a model on live traffic, each subject always with the same one."

REPORT = "wherry experiment report iris"

app = typer.Typer(
    name="experiment", help=f"{help_examples((*EXAMPLES, REPORT))}\n\n{HELP}", short_help=HELP
)


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


@command(
    app,
    "report",
    REPORT,
    "wherry experiment report iris --since 7d --html report.html --target aws",
    target="local",
)
def report(
    call: Call,
    model: ModelName,
    *,
    since: Since = "90d",
    html: Html = None,
    kind: MetricKind = "rate",
    better: Better = "higher",
) -> None:
    """
    Who was in which arm, whether the split can be trusted, and what differs.

    Look as often as you like: an interval that excludes 0 stays true. Without --since, all that is
    kept (90 days) counts.
    """
    from cli.board import outcomes
    from cli.compose import now
    from cli.experiment_report_view import report as view
    from cli.spans import since as moment
    from wherry_control.environment import required_lock
    from wherry_control.experiments.asking import asked
    from wherry_control.experiments.reporting import report_of

    target, until = call.target, now()
    store = outcomes(call)
    lock = required_lock(call.project.root, call.project.model_folder(model).name, target.name)
    told = report_of(store, asked(lock, kind, better), moment(since, until), until)
    if html is not None:
        from cli.experiment_page import page_of

        html.write_bytes(page_of(told))
        call.out.note(f"wrote {html}")
    call.out.result(told, view(told))
