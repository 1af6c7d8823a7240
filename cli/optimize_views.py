"""What people see of an optimisation, in 80 columns: one table, and why each was dropped."""

import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from cli.output import Table, View

if TYPE_CHECKING:
    from pathlib import Path

    from models.preparation.optimizing.measured import Candidate
    from models.preparation.optimizing.report import Judged, Report

WIDTH = 78
SHORT, LONG = 10, 99_999.5
MICRO = 1000  # microseconds of a millisecond


def optimization(report: "Report", page: "Path", *, dry_run: bool) -> View:
    measured = [each for each in report.judged if each.candidate.speed is not None]
    reasons = [(each.candidate.name, each.reason) for each in report.judged]
    verb = "would seal" if dry_run else "sealed"
    return [
        f"{report.model}: {report.rows} held-out rows",
        "load in ms; µs by threads x rows; below them the p99",
        _table(measured),
        *_told(reasons),
        *(line for note in report.notes for line in textwrap.wrap(note, WIDTH)),
        f"{verb}: {report.chosen}. The report: {page}",
        *_next_step(report, dry_run=dry_run),
    ]


def _table(measured: "list[Judged]") -> Table:
    first = measured[0].candidate
    cells = first.speed.cells if first.speed else ()
    metric = next(iter(first.quality.metrics), "") if first.quality else ""
    head = (
        "candidate",
        "kB",
        "load",
        *(f"{cell.threads}x{cell.batch}" for cell in cells),
        *([metric] if metric else []),
        "agree",
    )
    rows = [line for each in measured for line in _lines(each.candidate)]
    return Table(head, rows)


def _lines(one: "Candidate") -> Iterator[tuple[str, ...]]:
    """Two of a candidate: the medians with the rest, and the 99th percentiles."""
    if one.speed is None or one.quality is None or one.size is None:
        return
    cells = [cell.timing for cell in one.speed.cells]
    quality = [*list(one.quality.metrics.values())[:1], one.quality.agreement]
    yield (
        one.name,
        _short(one.size / 1000),
        _short(one.speed.load.p50),
        *(_short(MICRO * timing.p50) for timing in cells),
        *(f"{value:.4f}" for value in quality),
    )
    tails = [_short(one.speed.load.p99), *(_short(MICRO * timing.p99) for timing in cells)]
    yield ("", "", *tails, *("" for _ in quality))


def _short(value: float) -> str:
    """In five characters."""
    if value >= LONG:
        return f"{value / 1000:.0f}k"
    return f"{value:.2g}" if value < SHORT else f"{value:.0f}"


def _told(reasons: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Neighbours with the same reason share a line."""
    for reason, group in groupby(reasons, key=lambda each: each[1]):
        names = ", ".join(name for name, _ in group)
        yield from textwrap.wrap(f"{names}: {reason}", WIDTH, subsequent_indent="  ")


def _next_step(report: "Report", *, dry_run: bool) -> list[str]:
    if dry_run:
        return []
    return [
        f'To have it made again without measuring: [optimize] use = "{report.chosen}"',
        f"Next: wherry publish {report.model}",
    ]
