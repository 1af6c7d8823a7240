"""`wherry batch list|status|cancel|schedule`: runs on AWS, which go on by themselves."""

from typing import Annotated

import typer

from cli import batch_run_views as views
from cli import batches
from cli.call import Call, command
from cli.compose import now
from wherry.errors import UsageError

ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="The model's folder name.")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="Its name, or how it begins.")]
Most = Annotated[int, typer.Option("--most", min=1, max=1000, help="So many of the newest.")]
Pause = Annotated[bool, typer.Option("--pause", help="Start no run by itself.")]
Resume = Annotated[bool, typer.Option("--resume", help="Start them again.")]

app = typer.Typer()


@command(
    app,
    "list",
    "wherry batch list iris",
    "wherry batch list iris --target aws --json",
    target="local",
)
def list_(call: Call, model: ModelName, *, most: Most = 20) -> None:
    """List a model's runs on AWS, the newest first, with where they wrote and how many rows."""
    found, others = batches.listed(call, model, most)
    call.out.result(found, views.runs(found, others))


@command(
    app,
    "status",
    "wherry batch status iris 3f6c0d6ea31c-1",
    target="local",
)
def status(call: Call, model: ModelName, name: RunName) -> None:
    """Show how far a run on AWS is, or what it came to."""
    from wherry_control.batch import following

    told = batches.runs(call, model)
    found = following.found(told, name, model)
    progress = following.progress_of(found, told, now())
    come = batches.come_to(call, model, found)
    value = {"execution": found, "progress": progress, "summary": come}
    call.out.result(value, views.status(found, progress, come))


@command(
    app,
    "cancel",
    "wherry batch cancel iris 3f6c0d6ea31c-1",
    dry_run=True,
    target="local",
)
def cancel(call: Call, model: ModelName, name: RunName) -> None:
    """Stop a run on AWS; what is done stays done, and `run` goes on from there."""
    from wherry_control.batch import following

    told = batches.runs(call, model)
    found = following.found(told, name, model)
    if found.is_running and not call.dry_run:
        told.stop(found.name, batches.CANCELLED)
    call.out.result(found, views.cancelled(found, dry_run=call.dry_run))


@command(
    app,
    "schedule",
    "wherry batch schedule iris",
    "wherry batch schedule iris --pause --target aws",
    dry_run=True,
    target="local",
)
def schedule(call: Call, model: ModelName, *, pause: Pause = False, resume: Resume = False) -> None:
    """
    Show when a model's batch runs by itself, next and over what; pause and resume that.

    What it says is set by [batch.schedule] in model.toml, and deployed.
    """
    from wherry_control.batch.schedule import schedule_of, switched

    if pause and resume:
        raise UsageError("--pause", "--resume is given as well", "Say one of them.")
    told, name = batches.schedules(call, model)
    found = schedule_of(told, name, model)
    if pause or resume:
        found = switched(told, found, enabled=resume, dry_run=call.dry_run)
    times = found.next_runs(now())
    call.out.result({"schedule": found, "next_runs": times}, views.schedule(found, times))
