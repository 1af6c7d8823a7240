"""What people see of batch runs, in 80 columns."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cli.output import Table, View
from cli.progress import span, told
from cli.views import short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wherry_control.batch.local import Planned
    from wherry_control.batch.progress import Progress
    from wherry_control.batch.runs import Execution
    from wherry_control.batch.schedule import Schedule
    from wherry_control.batch.starting import Begun
    from wherry_control.batch.summary import Summary

FAILED_SHOWN = 5
CENT = 0.01


def summary(come: "Summary") -> View:
    """The counts of a run, where everything is, and what to do if it is not complete."""
    rows = [
        ("run", _run(come)),
        ("version", f"{come.version}, {short(come.digest)}"),
        ("parts", _parts(come)),
        ("rows in", f"{come.rows:,} = {come.predicted:,} predicted + {come.refused:,} refused"),
        ("duration", _duration(come)),
        ("cost", _dollars(come.cost)),
    ]
    return [
        Table(("batch run", f"of {come.model}"), rows),
        f"results: {come.output}",
        *_refused(come),
        f"manifest: {come.manifest}",
        *_missing(come),
    ]


def intent(told_machine: Mapping[str, Any], name: str) -> View:
    """What a start on AWS would begin."""
    rows = [(key, str(value)) for key, value in told_machine.items() if key != "options"]
    return [f"would start {name}, unless it runs", Table(("input", "value"), rows)]


def would_do(planned: "Planned", output: str) -> View:
    """What a run on this machine would do."""
    parts = len(planned.tasks)
    return [f"would do {planned.missing} of {parts} parts into {output}"]


def begun(started: "Begun", model: str) -> View:
    """It goes on by itself."""
    return begun_lines(started, model)


def begun_lines(started: "Begun", model: str) -> list[str]:
    """What is said of a start."""
    verb = "was running already" if started.attached else "started"
    return [f"{started.name}: {verb}", f"Look at it: `wherry batch status {model} {started.name}`."]


def runs(found: "Sequence[Execution]") -> View:
    """The newest first."""
    rows = [(each.name, _status(each), _at(each.started), _took(each)) for each in found]
    if not rows:
        return ["no run was ever started here"]
    return [Table(("run", "status", "started (UTC)", "took"), rows)]


def status(found: "Execution", progress: "Progress | None", come: "Summary | None") -> View:
    """One run: as far as it is, and what it came to."""
    head = f"{found.name}: {_status(found)}"
    lines = [
        f"{head}, {told(progress)}" if progress else head,
        *([f"why: {found.why}"] if found.why and not found.is_running else []),
    ]
    return [*lines, *(summary(come) if come else [])]


def cancelled(found: "Execution", *, dry_run: bool) -> View:
    """What is done stays, and need not be done again."""
    if not found.is_running:
        return [f"{found.name}: it has ended already: {_status(found)}"]
    verb = "would be cancelled" if dry_run else "cancelled"
    return [f"{found.name}: {verb}; what is done stays done"]


def schedule(found: "Schedule", times: "Sequence[datetime]") -> View:
    """What runs when."""
    coming = [(_next(number), f"{each:%Y-%m-%d %H:%M} UTC") for number, each in enumerate(times)]
    rows = [
        ("when", f"{found.expression}, {found.timezone}"),
        ("state", "on" if found.enabled else "paused"),
        ("input", str(found.input.get("input", "-"))),
        ("output", str(found.input.get("output", "-"))),
        *coming,
    ]
    return [Table(("schedule", found.name), rows)]


def _next(number: int) -> str:
    return "" if number else "next runs"


def _run(come: "Summary") -> str:
    return come.execution or come.run.removeprefix("sha256:")[:12]


def _parts(come: "Summary") -> str:
    told = f"{come.partitions - come.missing} of {come.partitions} done"
    return f"{told}, {come.already} of them before" if come.already else told


def _duration(come: "Summary") -> str:
    if come.complete and come.already == come.partitions:
        return "nothing was left to do"
    rate = f", {come.rows_per_second:,.0f} rows/s" if come.rows_per_second else ""
    return span(come.seconds) + rate


def _refused(come: "Summary") -> list[str]:
    if not come.refused:
        return []
    return [
        f"refused rows, and why: {come.refused_rows}",
        *(f"  {each.rows:,} of {come.refused:,}: {each.reason}" for each in come.reasons),
        *(["no row was predicted"] if come.all_refused else []),
    ]


def _missing(come: "Summary") -> list[str]:
    failed = [f"failed: {each.source}: {each.reason}" for each in come.failed[:FAILED_SHOWN]]
    more = len(come.failed) - FAILED_SHOWN
    if more > 0:
        failed.append(f"and {more} more")
    if come.complete:
        return failed
    return [*failed, f"{come.missing} parts are missing: the same command does only those."]


def _dollars(cost: float | None) -> str:
    if cost is None:
        return "not told: the memory of its function may not be read"
    if not cost:
        return "0 (this machine's own)"
    return f"about ${cost:.2f}" if cost >= CENT else f"about ${cost:.5f}"


def _status(found: "Execution") -> str:
    return found.status.replace("_", " ")


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _took(found: "Execution") -> str:
    return span((found.ended - found.started).total_seconds()) if found.ended else "-"
