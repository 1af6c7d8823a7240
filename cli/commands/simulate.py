"""`wherry simulate`."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import simulate_views
from cli.call import Call, command
from wherry.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.output import View
    from cli.simulate_views import Section
    from wherry_control.simulation.effort import Effort

JUDGED_NO = 3
TRAFFIC = (10, 100, 1_000, 10_000)  # requests a minute, of the default plan's rollouts
FEWER = 10
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


@dataclass(frozen=True)
class Shown:
    """What was simulated, and how people see it; `met` decides the exit code."""

    value: object
    sections: "Sequence[Section]"
    more: "View" = ()
    met: bool = True


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
    from wherry_control.simulation.effort import Effort

    if plan is not None and write is not None:
        raise UsageError("--write", "a page tells of the default plan", "Leave out --plan.")
    place = None if write is None else simulate_views.Page.read(write)
    with call.out.working("Simulating rollouts") as progress:
        effort = Effort(
            runs=max(runs // FEWER, 1) if quick else runs,
            seed=seed,
            processes=os.cpu_count() or 1,
            progress=progress,
        )
        told = _simulated(effort) if plan is None else _rehearsed(call, effort, plan, traffic)
    if place is not None:
        place.write(told.sections)
    call.out.result(told.value, [*simulate_views.as_view(told.sections), *told.more])
    if not told.met:
        raise typer.Exit(JUDGED_NO)


def _rehearsed(call: Call, effort: "Effort", model: str, per_minute: int) -> Shown:
    from wherry_control.rollouts.plan_file import load_plan
    from wherry_control.simulation.whole import rehearse

    told = rehearse(effort, load_plan(call.project.model_folder(model)), [per_minute])
    sections = [simulate_views.rollouts(told, f"the plan of {model}")]
    return Shown(told, sections, simulate_views.timelines(told))


def _simulated(effort: "Effort") -> Shown:
    from wherry_control.rollouts.plan_file import read_plan
    from wherry_control.simulation.whole import simulate as everything

    told = everything(effort, read_plan("[rollout]", {}), TRAFFIC)
    return Shown(told, simulate_views.simulated(told), met=told.met)
