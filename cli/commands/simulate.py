"""`wherry simulate`."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import simulate_views
from cli.call import Call, command
from wherry.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.simulate_views import Section
    from wherry_control.simulation.effort import Effort
    from wherry_control.simulation.whole import Simulated

JUDGED_NO = 3
TRAFFIC = (10, 100, 1_000, 10_000)  # requests a minute, of the default plan's rollouts
FEWER = 10
PER_ROLLOUT = 10  # a whole rollout is as dear as so many runs
OptionalModel = Annotated[
    str | None,
    typer.Option("--plan", metavar="MODEL", help="Only rehearse this model's own plan."),
]
Traffic = Annotated[int, typer.Option("--traffic", min=1, help="Requests a minute, with --plan.")]
Runs = Annotated[int, typer.Option("--runs", min=1, help="How often each case is tried.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same figures.")]
Quick = Annotated[bool, typer.Option("--quick", help="A tenth of the runs.")]
Write = Annotated[
    Path | None,
    typer.Option("--write", metavar="PAGE", help="Put the tables between the marks of this page."),
]


app = typer.Typer()


@command(
    app,
    "simulate",
    "wherry simulate --quick",
    "wherry simulate --plan iris --traffic 100",
    "wherry simulate --write docs/rollouts.md",
    target="none",
)
def simulate(  # noqa: PLR0913 - each is an option of the command
    call: Call,
    *,
    plan: OptionalModel = None,
    traffic: Traffic = 1000,
    runs: Runs = 300,
    seed: Seed = 1,
    quick: Quick = False,
    write: Write = None,
) -> None:
    """
    Rehearse rollouts without AWS: how often the judge is wrong, and how soon it is right.

    Made-up traffic, split as Lambda splits it, goes to the judge and the decision that run on AWS;
    the usual other ways see the same. The exit code is 3 when a goal is not met. With --plan, it
    shows how rollouts of that model would end at the given traffic.
    """
    from wherry_control.rollouts.plan_file import load_plan
    from wherry_control.simulation.effort import Effort
    from wherry_control.simulation.whole import rehearse

    if plan is not None and write is not None:
        raise UsageError("--write", "a page tells of the default plan", "Leave out --plan.")
    with call.out.working("Simulating rollouts") as progress:
        effort = Effort(
            runs=max(runs // FEWER, 1) if quick else runs,
            seed=seed,
            processes=os.cpu_count() or 1,
            progress=progress,
        )
        if plan is None:
            told = _everything(effort)
        else:
            told = rehearse(effort, load_plan(call.project.model_folder(plan)), [traffic])
    sections = simulate_views.sections(told, plan or "the default plan")
    if write is not None:
        _write(write, sections)
    timelines = simulate_views.timelines(told.rollouts) if plan else []
    call.out.result(told, [*simulate_views.as_view(sections), *timelines])
    if not told.met:
        raise typer.Exit(JUDGED_NO)


def _everything(effort: "Effort") -> "Simulated":
    from wherry_control.rollouts.plan_file import read_plan
    from wherry_control.simulation.scenarios import cells
    from wherry_control.simulation.whole import measure, rehearse

    measured = measure(effort, [*cells()])
    fewer = replace(effort, runs=max(effort.runs // PER_ROLLOUT, 1))
    rehearsed = rehearse(fewer, read_plan("[rollout]", {}), TRAFFIC)
    return replace(measured, rollouts=rehearsed.rollouts)


def _write(page: Path, sections: "Sequence[Section]") -> None:
    try:
        page.write_text(simulate_views.page(page.read_text(), sections))
    except (OSError, ValueError) as error:
        raise UsageError(
            str(page),
            f"the tables have no place there ({error})",
            f"It must hold the lines {simulate_views.START} and {simulate_views.END}.",
        ) from error
