"""Batch runs on the terminal: how far, what came of it, in 80 columns."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest

from cli import batch_views as views
from cli.output import Output, Table, View
from cli.progress import showing, span, told
from tests.support.batch_runs import BEGAN, DIGEST, ID, manifest
from wherry.batch.contract import Drift, Reason
from wherry_control.batch.progress import Progress
from wherry_control.batch.runs import Execution
from wherry_control.batch.summary import Summary, of_execution
from wherry_control.batch.trying import Failed

DID = Execution(f"{ID[:24]}-1", "succeeded", BEGAN, BEGAN + timedelta(seconds=8))
COME = of_execution(
    manifest(rows=1_000_000, predicted=999_990, refused=10, seconds=8.0, cost=0.00062), DID
)
LOST = Failed("a", "s3://data/in/a.csv", "no column x")
HALF = Progress(
    partitions=16, done=8, already=2, failed=0, rows=400_000, expected=900_000, seconds=4
)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def text(view: View) -> str:
    out = StringIO()
    Output(as_json=False, stdout=out, stderr=out).result(None, view)
    return " ".join(out.getvalue().split())


def test_a_summary_adds_up_the_rows_and_says_where_all_is() -> None:
    shown = text(views.summary(COME))

    assert "rows in 1,000,000 = 999,990 predicted + 10 refused" in shown
    assert "duration 8.0 s, 125,000 rows/s" in shown
    assert "cost about $0.00062" in shown
    assert "results: s3://data/out" in shown
    assert "refused rows, and why: s3://data/out/_wherry/refused/" in shown
    assert "manifest: s3://data/out/_wherry/manifest.json" in shown
    assert "missing" not in shown


def test_a_summary_of_what_is_not_complete_says_why_and_what_to_do() -> None:
    come = replace(COME, complete=False, missing=1, already=1, failed=(LOST,) * 7)

    shown = text(views.summary(come))

    assert "parts 2 of 3 done, 1 of them before" in shown
    assert "failed: s3://data/in/a.csv: no column x" in shown
    assert "and 2 more" in shown
    assert "1 part is missing: the same command does only what is missing." in shown


def test_what_would_fail_again_is_not_sent_to_the_same_command() -> None:
    changed = f"{LOST.source}: it has changed since this run was planned"
    lost = replace(LOST, reason=changed, lasting=True)

    shown = text(views.summary(replace(COME, complete=False, missing=2, failed=(lost,))))

    assert f"failed: {changed}" in shown
    assert "the same command" not in shown
    assert "2 parts are missing. What failed would fail again as it is: mend that" in shown


def test_the_commonest_reasons_are_told_beside_where_all_are() -> None:
    why = (Reason(reason='"x": nothing came', rows=9), Reason(reason="it is not CSV", rows=1))

    shown = text(views.summary(replace(COME, reasons=why)))
    nothing = text(views.summary(replace(COME, reasons=why, predicted=0)))

    assert '9 of 10: "x": nothing came 1 of 10: it is not CSV manifest:' in shown
    assert "no row was predicted" in nothing


def test_a_run_of_nothing_is_no_quiet_success() -> None:
    nothing = replace(COME, partitions=0, rows=0, predicted=0, refused=0)

    assert "no row came: what was found has none" in text(views.summary(nothing))


def test_what_became_of_the_input_is_told() -> None:
    shown = text(views.summary(replace(COME, drift=Drift(new=2, gone=1))))

    assert "files of the input since this run was planned: 2 new, 1 gone" in shown


def test_a_run_that_was_done_before_took_no_time() -> None:
    assert "duration nothing was left to do" in text(views.summary(replace(COME, already=3)))


@pytest.mark.parametrize(
    ("cost", "wanted"),
    [(0.0, "0 (this machine's own)"), (12.345, "about $12.35"), (None, "not told")],
)
def test_a_cost_is_told_as_what_it_is(cost: float | None, wanted: str) -> None:
    assert wanted in text(views.summary(replace(COME, cost=cost)))


@pytest.mark.parametrize(
    "come",
    [COME, replace(COME, complete=False, missing=1), replace(COME, digest=DIGEST, execution="")],
)
def test_every_table_fits_into_80_columns(come: Summary) -> None:
    tables = [part for part in views.summary(come) if isinstance(part, Table)]

    assert all(len(line) <= 80 for table in tables for line in table.lines())


@pytest.mark.parametrize(
    ("seconds", "wanted"),
    [(0.04, "0.0 s"), (9.96, "10.0 s"), (59, "59 s"), (61, "1 min 01 s"), (7260, "2 h 01 min")],
)
def test_seconds_are_told_as_people_say_them(seconds: float, wanted: str) -> None:
    assert span(seconds) == wanted


def test_progress_is_told_in_words() -> None:
    assert told(HALF) == "8 of 16 parts, 400,000 rows, 100,000 rows/s, 5.0 s left"
    assert told(replace(HALF, rows=0, failed=1)) == "8 of 16 parts, 1 failed"


def test_a_log_gets_a_line_now_and_then_and_one_at_the_end() -> None:
    log, clock = StringIO(), iter([0.0, 1.0, 11.0, 11.0, 12.0, 12.0, 12.0, 12.0])

    with showing("predicting", log, lambda: next(clock)) as hear:
        for done in (1, 8, 9, 16, 16):
            hear(replace(HALF, done=done, rows=0))

    assert log.getvalue().splitlines() == [
        "predicting: 8 of 16 parts",
        "predicting: 16 of 16 parts",
    ]


def test_a_terminal_gets_a_bar_that_fits_into_80_columns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    screen = Terminal()

    with showing("predicting", screen) as hear:
        hear(HALF)

    drawn = screen.getvalue()
    assert "━" in drawn
    assert "8 of 16 parts" in drawn
