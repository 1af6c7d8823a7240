"""Looking at a run on AWS until it has ended; looking away changes nothing."""

from collections.abc import Callable
from datetime import datetime

from wherry.errors import CloudError, UsageError, WherryError
from wherry_control.batch.progress import Progress
from wherry_control.batch.runs import CANCELLED, Execution, Runs

EVERY = 2.0  # seconds between two looks
DENIED = "access denied"  # as wherry.store.failures has it
ALLOW = "What it may read and write, `read` and `write` of [batch] in model.toml say; deploy it."


def found(runs: Runs, name: str, model: str) -> Execution:
    """By its name, or by what only its name begins with; raise CloudError if there is none."""
    if execution := runs.find(name):
        return execution
    where, todo = f"batch run {name}", f"`wherry batch list {model}` names them."
    begun = [each.name for each in runs.list() if name and each.name.startswith(name)]
    if len(begun) > 1:
        raise UsageError(where, f"{len(begun)} runs of {model} begin so", todo)
    execution = runs.find(begun[0]) if begun else None
    if execution is None:
        raise CloudError(where, f"{model} has no such run on this AWS", todo)
    return execution


def follow(
    look: Callable[[], Execution],
    runs: Runs,
    tell: Callable[[Progress], None],
    sleep: Callable[[float], None],
    clock: Callable[[], datetime],
) -> Execution:
    """How it ended; `tell` hears how far it is."""
    while True:
        execution = look()
        progress = progress_of(execution, runs, clock())
        if progress is not None:
            tell(progress)
        if not execution.is_running:
            return execution
        sleep(EVERY)


def failure(execution: Execution, log: str) -> WherryError:
    """Why it came to nothing, as whoever raised it said it; `log` is its function's log group."""
    kind, why = execution.kind, (execution.why or execution.status).removesuffix(".")
    return (kind or CloudError)(f"batch run {execution.name}", why, _todo(execution, log))


def _todo(execution: Execution, log: str) -> str:
    """An error of ours says that itself, but for what only the model's own file can give."""
    if execution.kind:
        return ALLOW if DENIED in execution.cause else ""
    if execution.status == CANCELLED:
        return "The same command goes on from there."
    return f"The log group {log} may say more."


def progress_of(execution: Execution, runs: Runs, now: datetime) -> Progress | None:
    """In partitions: their rows are told by the manifest; None as long as it is being planned."""
    counts = runs.counts(execution.name)
    if counts is None:
        return None
    return Progress(
        partitions=counts.total,
        done=counts.succeeded,
        already=0,
        failed=counts.failed,
        rows=0,
        expected=None,
        seconds=((execution.ended or now) - execution.started).total_seconds(),
    )
