"""`wherry optimize`."""

import time
from typing import Annotated, Literal

import typer

from cli import optimize_views
from cli.call import Call, command
from cli.commands.model import ModelName

Candidates = Annotated[
    str | None,
    typer.Option(
        "--candidates", metavar="A,B,…", help="Try these alone; else, all that make sense."
    ),
]
Preferred = Annotated[
    Literal["latency", "size"] | None,
    typer.Option("--prefer", help="What to make least; else what [optimize] says."),
]
Seconds = Annotated[
    float, typer.Option("--seconds", min=1, max=3600, help="How long to measure, in all.")
]


app = typer.Typer()


@command(
    app,
    "optimize",
    "wherry optimize iris",
    "wherry optimize digits --candidates static_int8,dynamic_int8 --seconds 60",
    "wherry optimize iris --dry-run --json",
    dry_run=True,
    target="none",
)
def optimize(
    call: Call,
    model: ModelName,
    *,
    candidates: Candidates = None,
    prefer: Preferred = None,
    seconds: Seconds = 20.0,
) -> None:
    """
    Measure what makes the prepared model faster or smaller, and seal the best that is as good.

    Where nothing is better, fp32 stays, which is no failure. With --dry-run, the report is written
    and nothing is sealed.
    """
    from models.preparation.build import build_folder
    from models.preparation.optimizing.command import PAGE, Asked, Parts, optimize_model
    from models.preparation.optimizing.from_build import opened
    from models.preparation.optimizing.sealing import reseal

    asked = Asked(
        candidates=None if candidates is None else tuple(candidates.split(",")),
        prefer=prefer,
        seconds=seconds,
        dry_run=call.dry_run,
    )
    folder, build = call.project.model_folder(model), build_folder(call.project.root, model)
    with call.out.working(f"Optimising {model}") as progress:
        report = optimize_model(
            folder,
            build,
            asked,
            clock=time.perf_counter,
            progress=progress,
            parts=Parts(opened, reseal),
        )
    page = (build / PAGE).relative_to(call.project.root)
    call.out.result(report, optimize_views.optimization(report, page, dry_run=call.dry_run))
