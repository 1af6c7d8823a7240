"""What people see of batch runs, in 80 columns."""

from typing import TYPE_CHECKING

from cli.output import Table, View
from cli.progress import span
from cli.views import short

if TYPE_CHECKING:
    from wherry.batch.contract import Drift
    from wherry_control.batch.local import Planned
    from wherry_control.batch.summary import Summary
    from wherry_control.batch.trying import Failed

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
        ("cost", _cost(come)),
    ]
    return [
        Table(("batch run", f"of {come.model}"), rows),
        f"results: {come.output}",
        *([] if come.partitions else ["no row came: what was found has none"]),
        *_refused(come),
        f"manifest: {come.manifest}",
        *_drift(come.drift),
        *_missing(come),
    ]


def would_do(planned: "Planned", output: str) -> View:
    """What a run on this machine would do."""
    parts = len(planned.tasks)
    return [f"would do {planned.missing} of {parts} parts into {output}", *_drift(planned.drift)]


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


def _drift(since: "Drift") -> list[str]:
    if not since:
        return []
    counts = {"new": since.new, "changed": since.changed, "gone": since.gone}
    told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
    return [
        f"files of the input since this run was planned: {told}",
        "They are not in it: name a new --output for a run with them.",
    ]


def _missing(come: "Summary") -> list[str]:
    failed = [f"failed: {_failed(each)}" for each in come.failed[:FAILED_SHOWN]]
    more = len(come.failed) - FAILED_SHOWN
    if more > 0:
        failed.append(f"and {more} more")
    if come.complete:
        return failed
    parts = "1 part is" if come.missing == 1 else f"{come.missing:,} parts are"
    if not any(each.lasting for each in come.failed):
        return [*failed, f"{parts} missing: the same command does only what is missing."]
    return [
        *failed,
        f"{parts} missing. What failed would fail again as it is:",
        "mend that, and start a new run into a new --output.",
    ]


def _failed(part: "Failed") -> str:
    """Most reasons begin with the file."""
    return part.reason if part.source in part.reason else f"{part.source}: {part.reason}"


def _cost(come: "Summary") -> str:
    """S3 does not tell what the parts of before cost."""
    some = come.execution and 0 < come.already < come.partitions and come.cost
    return f"{_dollars(come.cost)}, with what was done before" if some else _dollars(come.cost)


def _dollars(cost: float | None) -> str:
    if cost is None:
        return "not told: its manifest has none"
    if not cost:
        return "0 (this machine's own)"
    return f"about ${cost:.2f}" if cost >= CENT else f"about ${cost:.5f}"
