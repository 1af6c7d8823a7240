"""What people see of runs on AWS, in 80 columns: a list, a start, how far one is, a schedule."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cli.batch_views import summary
from cli.output import Table, View
from cli.progress import span, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wherry_control.batch.listing import Listed
    from wherry_control.batch.progress import Progress
    from wherry_control.batch.runs import Execution
    from wherry_control.batch.schedule import Schedule
    from wherry_control.batch.starting import Begun
    from wherry_control.batch.summary import Summary

HEADS = ("run", "status", "started (UTC)", "rows", "output")
WIDE = 64  # letters of a table of five columns, which a terminal sets apart by 16 others
NAME = 18  # of a name: as many letters as ours have
LEAST = 10  # of an output


def intent(told_machine: Mapping[str, Any], name: str) -> View:
    """What a start on AWS would begin."""
    rows = [(key, str(value)) for key, value in told_machine.items() if key != "options"]
    return [f"would start {name}, unless it runs", Table(("input", "value"), rows)]


def begun(started: "Begun", model: str) -> View:
    """It goes on by itself."""
    return [begun_line(started), f"Look at it: `wherry batch status {model} {started.name}`."]


def begun_line(started: "Begun") -> str:
    """What is said of a start."""
    return f"{started.name}: {'was running already' if started.attached else 'started'}"


def runs(found: "Sequence[Listed]", others: int = 0) -> View:
    """
    The newest first. Names that AWS gave are long, and cut: their beginning finds them as well. An
    output is cut at its beginning, for its end tells it from others.
    """
    if not found:
        return ["no run was ever started here"]
    rows = [
        (
            each.name[:NAME],
            _words(each.status),
            f"{_utc(each.started):%Y-%m-%d %H:%M}",
            _rows(each.rows),
        )
        for each in found
    ]
    columns = zip(HEADS[:-1], *rows, strict=True)
    left = max(LEAST, WIDE - sum(max(map(len, column)) for column in columns))
    outputs = [_end(each.output or "-", left) for each in found]
    table = Table(HEADS, [(*row, last) for row, last in zip(rows, outputs, strict=True)])
    more = f"{others} older ones: `--most {len(found) + others}` shows them too"
    return [table, *([more] if others else [])]


def status(found: "Execution", progress: "Progress | None", come: "Summary | None") -> View:
    """One run: as far as it is, and what it came to."""
    head = f"{found.name}: {_words(found.status)}"
    planned = [] if progress or not found.is_running else ["its parts are not shared out yet"]
    lines = [
        ", ".join([head, *([told(progress)] if progress else []), *planned]),
        _when(found),
        *([f"why: {found.why}"] if found.why and not found.is_running else []),
    ]
    return [*lines, *(summary(come) if come else [])]


def cancelled(found: "Execution", *, dry_run: bool) -> View:
    """What is done stays, and need not be done again."""
    if not found.is_running:
        return [f"{found.name}: it has ended already: {_words(found.status)}"]
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
        *_options(found.input.get("options") or {}),
        *coming,
    ]
    return [Table(("schedule", found.name), rows)]


def _options(told_machine: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (key, ", ".join(value) if isinstance(value, list) else str(value))
        for key, value in told_machine.items()
    ]


def _next(number: int) -> str:
    return "" if number else "next runs"


def _words(status: str) -> str:
    return status.replace("_", " ")


def _rows(count: int | None) -> str:
    return "-" if count is None else f"{count:,}"


def _end(text: str, width: int) -> str:
    return text if len(text) <= width else f"…{text[1 - width :]}"


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _when(found: "Execution") -> str:
    began = f"started {_utc(found.started):%Y-%m-%d %H:%M:%S} UTC"
    if found.ended is None:
        return began
    return f"{began}, took {span((found.ended - found.started).total_seconds())}"
