"""What people see of an optimisation: a table that fits a terminal, and the page."""

from dataclasses import replace
from pathlib import Path

from cli.optimize_views import optimization
from cli.output import Table
from models.preparation.optimizing.measured import Candidate, Cell, Kind, Quality, Speed, Timing
from models.preparation.optimizing.page import page_of
from models.preparation.optimizing.report import Judged, Report, WorstRow
from models.preparation.optimizing.subject import OptimizeOptions

QUALITY = Quality(
    rows=360, metrics={"accuracy": 0.98123}, drop=0.0, p_worse=1.0, agreement=0.99999, max_error=0.2
)
WORST = WorstRow(3, 0.2, "features [1, 2]", "label <no>", "label yes")


def judged(name: str, reason: str, *, kind: Kind = "approximate", ms: float = 12.345) -> Judged:
    timing = Timing(ms, 10 * ms)
    cells = tuple(Cell(threads, batch, timing) for threads in (1, 5) for batch in (1, 100))
    speed = Speed(Timing(316.2, 900.1), cells)
    one = Candidate(name, "what it is", kind, 33_512_345, quality=QUALITY, speed=speed)
    return Judged(one, reason, (0, 0, 0, 0, 0, 0, 300, 50, 10, 0, 0), (WORST,))


REPORT = Report(
    model="a-model-of-a-long-name",
    chosen="dynamic_int8_channel",
    onnxruntime="1.31.1",
    machine="x86_64, 2 CPUs",
    options=OptimizeOptions(threads=5),
    rows=360,
    judged=(
        judged("fp32", "dynamic_int8_channel is better", kind="exact"),
        judged("dynamic_int8_channel", "chosen: faster: " + "0.5 x the time, " * 8),
        Judged(Candidate("folded", "it", "exact", reason="no"), "no node hangs on constants alone"),
        Judged(Candidate("half_of_trees", "it", "approximate", reason="no"), "it is no forest"),
        Judged(Candidate("quarter_of_trees", "it", "approximate", reason="no"), "it is no forest"),
    ),
    notes=("Distillation made no difference: " + "so and so, " * 10,),
)


def lines_of(report: Report, *, dry_run: bool = False) -> list[str]:
    page = Path(".wherry/build/a-model-of-a-long-name/optimization.html")
    lines = []
    for part in optimization(report, page, dry_run=dry_run):
        lines += part.lines() if isinstance(part, Table) else [part]
    return lines


def test_even_large_figures_fit_80_columns() -> None:
    """33.5 MB, 316 ms to load, 12 ms a row, on five threads."""
    lines = [line for line in lines_of(REPORT) if "optimization.html" not in line]

    assert max(map(len, lines)) <= 80
    assert lines[2].split() == [
        "CANDIDATE", "KB", "LOAD", "1X1", "1X100", "5X1", "5X100", "ACCURACY", "AGREE",
    ]  # fmt: skip
    assert lines[5].split()[:4] == ["dynamic_int8_channel", "33512", "316", "12345"]
    assert lines[6].split() == ["900", *["123k"] * 4]


def test_those_with_one_reason_share_a_line() -> None:
    """Six candidates that make no sense for trees are no six lines."""
    assert "half_of_trees, quarter_of_trees: it is no forest" in lines_of(REPORT)


def test_a_dry_run_says_what_it_would_have_done() -> None:
    """And no next step: nothing was sealed."""
    told = "\n".join(lines_of(REPORT, dry_run=True))

    assert "would seal: dynamic_int8_channel" in told
    assert "wherry publish" not in told
    assert '[optimize] use = "dynamic_int8_channel"' in "\n".join(lines_of(REPORT))


def test_the_page_escapes_what_rows_hold_and_marks_the_chosen() -> None:
    """A label is text, whatever it looks like."""
    page = page_of(REPORT).decode()

    assert "label &lt;no&gt;" in page
    assert "<no>" not in page
    assert page.count('class="ring"') == 1
    assert 'class="verdict good"' in page


def test_the_page_of_a_kept_fp32_says_so() -> None:
    """Nothing is wrong with that, and nothing differs from itself."""
    kept = Judged(REPORT.judged[0].candidate, "kept: nothing is better within the gates")
    page = page_of(replace(REPORT, chosen="fp32", judged=(kept, *REPORT.judged[1:]))).decode()

    assert "fp32 is kept: nothing is better within the gates." in page
    assert "fp32 answers every row as fp32 does" in page


def test_which_student_won_is_told_on_both() -> None:
    """Distillation is worth nothing without its twin."""
    assert "Distillation made no difference" in page_of(REPORT).decode()
    assert any(line.startswith("Distillation made no difference") for line in lines_of(REPORT))
