"""`wherry rollout start|status|watch|pause|resume|promote|abort|rollback|history|prune|set`."""

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli import compose, controls, rollout_views, views
from cli.call import Call, command, help_examples

if TYPE_CHECKING:
    from wherry_control.controller import Outcome
    from wherry_control.rollouts.state import State

ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="The model's folder name.")]
Weight = Annotated[float, typer.Option("--weight", help="Percent of the traffic, 0 to 100.")]
Candidate = Annotated[
    str | None,
    typer.Option(
        "--candidate", help="The release to try; else the one on trial, or the newest one."
    ),
]
Fix = Annotated[
    bool, typer.Option("--fix", help="Stable is broken: judge the candidate alone, not beside it.")
]
Here = Annotated[
    bool, typer.Option("--here", help="Run it in this process, and not in a state machine.")
]
Preset = Annotated[
    Literal["canary", "linear", "blue_green", "all_at_once"] | None,
    typer.Option("--preset", help="Other steps than those of model.toml, for this once."),
]
Every = Annotated[
    float, typer.Option("--every", min=0.2, max=600, help="Seconds between two looks.")
]
To = Annotated[
    str | None, typer.Option("--to", help="The release to go back to; else the ledger tells.")
]
Again = Annotated[bool, typer.Option("--again", help="It is back already: go one release further.")]
Keep = Annotated[int, typer.Option("--keep", min=1, help="How many of the newest to keep.")]

EXAMPLES = (
    "wherry rollout start iris",
    "wherry rollout watch iris",
    "wherry rollout status iris",
    "wherry rollout rollback iris",
)


app = typer.Typer(
    name="rollout",
    help=f"{help_examples(EXAMPLES)}\n\nShift live traffic between releases, and back.",
    short_help="Shift live traffic between releases, and back.",
)


@command(
    app,
    "start",
    "wherry rollout start iris",
    "wherry rollout start iris --candidate 7 --here",
    "wherry rollout start iris --preset blue_green --fix --target aws",
    dry_run=True,
    target="local",
)
def start(
    call: Call,
    model: ModelName,
    *,
    candidate: Candidate = None,
    preset: Preset = None,
    fix: Fix = False,
    here: Here = False,
) -> None:
    """
    Try the newest release, step by step, by the plan in model.toml; it promotes or turns back.

    A state machine runs it, so this returns at once: `wherry rollout watch` shows it. Said
    again, it begins no other: it sees to it that the one of this candidate is ticked.
    """
    told = controls.controls(call, model)
    plan = told.plan(preset)
    if call.dry_run:
        runs = told.is_running()
        state = told.intent(plan, candidate, fix=fix)
        shown = rollout_views.state(state) if runs else rollout_views.plan(plan, state)
        call.out.result({"plan": plan, "rollout": state}, shown)
    elif here:
        _told(call, told.here(plan, call.out.note, candidate=candidate, fix=fix))
    else:
        _told(call, told.start(plan, candidate=candidate, fix=fix))


@command(
    app,
    "status",
    "wherry rollout status iris",
    "wherry rollout status iris --target aws --json",
    target="local",
)
def status(call: Call, model: ModelName) -> None:
    """Show where traffic goes, the rollout, the releases, and the ledger's last entries."""
    told = controls.controls(call, model).controller.report(model)
    call.out.result(told, rollout_views.status(told))


@command(
    app,
    "watch",
    "wherry rollout watch iris",
    "wherry rollout watch iris --every 10",
    target="local",
)
def watch(call: Call, model: ModelName, every: Every = 2.0) -> None:
    """
    Look at a rollout until it ends: weights, errors, latency, answers, and how sure the judge is.

    Ctrl+C stops looking; the rollout goes on. With --json, what it came to is told at its end.
    """
    told = controls.controls(call, model)
    with suppress(KeyboardInterrupt):
        call.out.frames(
            (rollout_views.headline(each), rollout_views.frame(each, compose.now()))
            for each in told.reports(every)
        )
    call.out.result(told.controller.report(model), [])  # people have seen it


@command(app, "pause", "wherry rollout pause iris", dry_run=True, target="local")
def pause(call: Call, model: ModelName) -> None:
    """Stay at this step until told to go on; harm still turns it back."""
    _told(call, controls.controls(call, model).pause())


@command(app, "resume", "wherry rollout resume iris", dry_run=True, target="local")
def resume(call: Call, model: ModelName) -> None:
    """Go on after a pause, or from a hold, with a new deadline."""
    _told(call, controls.controls(call, model).resume())


@command(app, "promote", "wherry rollout promote iris", dry_run=True, target="local")
def promote(call: Call, model: ModelName) -> None:
    """Give the candidate all traffic, after it answered the golden examples."""
    told = controls.controls(call, model)
    if told.is_running():
        _told(call, told.promote())
    else:
        _tell(call, compose.rollouts(call, model).promote(model))


@command(app, "abort", "wherry rollout abort iris", dry_run=True, target="local")
def abort(call: Call, model: ModelName) -> None:
    """End the rollout that runs: all traffic back to stable."""
    _told(call, controls.controls(call, model).abort())


@command(
    app,
    "rollback",
    "wherry rollout rollback iris",
    "wherry rollout rollback iris --again",
    "wherry rollout rollback iris --to 7 --target aws",
    dry_run=True,
    target="local",
)
def rollback(call: Call, model: ModelName, *, to: To = None, again: Again = False) -> None:
    """
    Drop the candidate; or, if none is on trial, go back to the release that was live before.

    Dropping a candidate is one call, and needs neither the store nor the ledger nor a controller. A
    rollout that has moved no traffic yet just ends. Repeated, it goes no further unless told to.
    With --to it is one look at the alias and one move of it, whatever else is broken.
    """
    _tell(call, compose.rollouts(call, model).rollback(model, to=to, again=again))


@command(
    app,
    "history",
    "wherry rollout history iris",
    "wherry rollout history iris --target aws --json",
    target="local",
)
def history(call: Call, model: ModelName) -> None:
    """Show every move of live traffic, why it was made, and the numbers behind it."""
    told = controls.controls(call, model).controller.history(model)
    call.out.result(told, rollout_views.history(told))


@command(
    app,
    "prune",
    "wherry rollout prune iris --dry-run",
    "wherry rollout prune iris --keep 10",
    dry_run=True,
    target="local",
)
def prune(call: Call, model: ModelName, keep: Keep = 5) -> None:
    """
    Remove old releases, but for the newest and all that may still be needed.

    Kept is what the alias names, the way back, and what a running rollout or deploy refers to.
    """
    told = controls.prune(call, model, keep)
    call.out.result(told, rollout_views.pruned(told, dry_run=call.dry_run))


@command(
    app,
    "set",
    "wherry rollout set iris --weight 10",
    "wherry rollout set iris --weight 50 --candidate 7 --target aws --dry-run",
    dry_run=True,
    target="local",
)
def set_weight(call: Call, model: ModelName, weight: Weight, candidate: Candidate = None) -> None:
    """
    Send part of the live traffic to a candidate release by hand, with no judge.

    First the candidate must answer the golden examples of its artifact; if it does not, nothing
    moves, and the exit code is 3.
    """
    _tell(call, compose.rollouts(call, model).set_weight(model, weight, candidate))


def _tell(call: Call, outcome: "Outcome") -> None:
    if outcome.warning:
        call.out.note(f"warning: {outcome.warning}")
    call.out.result(outcome, views.outcome(outcome))


def _told(call: Call, state: "State") -> None:
    call.out.result(state, rollout_views.state(state, dry_run=call.dry_run))
