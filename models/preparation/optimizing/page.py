"""The report as one page that stands alone: a drawing, a table with every reason, worst rows."""

from collections.abc import Sequence

from models.preparation.drawing.page import (
    figure,
    listed,
    page,
    paragraph,
    section,
    table,
    verdict,
)
from models.preparation.drawing.scale import Axis
from models.preparation.drawing.svg import Bar, Point, histogram, scatter
from models.preparation.optimizing.measured import BASE, Candidate, Timing
from models.preparation.optimizing.report import Judged, Report

BINS = ("0", "1e-8", "1e-7", "1e-6", "1e-5", "1e-4", "1e-3", "0.01", "0.1", "1", "> 1")
WIDE = 8  # times the least, and an axis is of factors


def page_of(report: Report) -> bytes:
    """`optimization.html`."""
    parts = [
        verdict(_verdict(report), good=report.chosen != BASE),
        paragraph(
            f"{report.rows} held-out rows; onnxruntime {report.onnxruntime} on {report.machine}. "
            "Times are of this machine: all candidates took turns in every round, and each is "
            "judged by its ratio to fp32 of the same round."
        ),
        section("Size, time and quality", _scatter(report)),
        section("Figures", _figures(report)),
        section("Verdicts", _reasons(report), listed(report.notes) if report.notes else ""),
        section("Worst rows", *_worst(report)),
        section("Errors against fp32", *_errors(report)),
    ]
    return page(f"{report.model}: what makes it faster or smaller", parts)


def _verdict(report: Report) -> str:
    if report.chosen == BASE:
        return "fp32 is kept: nothing is better within the gates."
    return f"{report.chosen} is {report.of(report.chosen).reason}."


def _measured(report: Report) -> list[Judged]:
    return [each for each in report.judged if each.candidate.speed is not None]


def _scatter(report: Report) -> str:
    points = [_point(report, each.candidate) for each in _measured(report)]
    drawing = scatter(
        points,
        title="Size against the time of a row",
        x=_axis(f"ms a row, {_threads(report.options.threads)} (p50)", [each.x for each in points]),
        y=_axis("kB", [each.y for each in points]),
    )
    return figure(
        drawing,
        "Left is faster, down is smaller; the number is the task's metric, or the agreement with "
        "fp32. The ringed point is chosen, the hollow ones are dropped.",
    )


def _axis(title: str, values: Sequence[float]) -> Axis:
    return Axis(title=title, log=max(values) > WIDE * min(values))


def _point(report: Report, one: Candidate) -> Point:
    time = one.speed.at(report.options.threads).p50 if one.speed else 0.0
    place, label = (time, (one.size or 0) / 1000), f"{one.name} {_metric(one)}"
    if one.name == report.chosen:
        return Point(*place, label, "chosen")
    return Point(*place, label, "plain" if one.name == BASE else "dropped")


def _figures(report: Report) -> str:
    measured = _measured(report)
    first = measured[0].candidate
    cells = first.speed.cells if first.speed else ()
    times = [f"{_threads(cell.threads)}, {_rows(cell.batch)}" for cell in cells]
    name = next(iter(first.quality.metrics), "metric") if first.quality else ""
    head = ["candidate", "kB", name, "agreement", "max error", "load", *times]
    return table(
        head,
        [_line(each.candidate) for each in measured],
        caption="Milliseconds, p50 / p99; agreement and errors are with and against fp32.",
        numbers=range(1, len(head)),
        marked=[at for at, each in enumerate(measured) if _is_chosen(report, each)],
    )


def _line(one: Candidate) -> list[str]:
    if one.speed is None or one.quality is None or one.size is None:
        return []
    return [
        one.name,
        f"{one.size / 1000:.1f}",
        f"{next(iter(one.quality.metrics.values())):.4f}" if one.quality.metrics else "",
        f"{one.quality.agreement:.4f}",
        f"{one.quality.max_error:.2g}",
        _pair(one.speed.load),
        *(_pair(cell.timing) for cell in one.speed.cells),
    ]


def _reasons(report: Report) -> str:
    return table(
        ("candidate", "verdict", "what it is"),
        [[each.candidate.name, each.reason, each.candidate.what] for each in report.judged],
        caption="x the time, size and load: as shares of those of fp32.",
        long=[1, 2],
        marked=[at for at, each in enumerate(report.judged) if _is_chosen(report, each)],
    )


def _is_chosen(report: Report, each: Judged) -> bool:
    return each.candidate.name == report.chosen


def _worst(report: Report) -> Sequence[str]:
    told = report.of(report.chosen).worst
    if not told:
        return [paragraph(f"{report.chosen} answers every row as fp32 does, to the bit.")]
    lines = [[str(row.row), row.inputs, row.wanted, row.found, f"{row.error:.2g}"] for row in told]
    head = ("row", "what goes in", "fp32", report.chosen, "error")
    return [table(head, lines, numbers=[0, 4], long=[1, 2, 3])]


def _errors(report: Report) -> list[str]:
    drawn = []
    for each in _measured(report):
        one = each.candidate
        if not any(each.errors[1:]):
            continue
        bars = [
            Bar(label, count, over=one.kind == "exact" and at > _allowed(report))
            for at, (label, count) in enumerate(zip(BINS, each.errors, strict=True))
        ]
        drawing = histogram(bars, title=f"Errors of {one.name}", x_title="largest error, up to")
        drawn.append(figure(drawing, f"{one.name}: rows by their largest error."))
    return drawn or [paragraph("None differs from fp32.")]


def _allowed(report: Report) -> int:
    """The last bin of what an exact candidate may be off by."""
    bounds = [0.0, *(float(label) for label in BINS[1:-1])]
    return sum(bound <= report.options.tolerance for bound in bounds) - 1


def _metric(one: Candidate) -> str:
    if one.quality is None:
        return ""
    return f"{next(iter(one.quality.metrics.values()), one.quality.agreement):.4g}"


def _pair(timing: Timing) -> str:
    return f"{timing.p50:.2g} / {timing.p99:.2g}"


def _threads(number: int) -> str:
    return "1 thread" if number == 1 else f"{number} threads"


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number} rows"
