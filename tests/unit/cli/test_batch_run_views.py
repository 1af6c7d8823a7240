"""Runs on AWS on the terminal: which there are, how far one is, what a start came to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta, timezone
from io import StringIO

import pytest
from rich.console import Console

from cli import batch_run_views as views
from cli.output import Output, Table, View, _drawn
from tests.support.batch_runs import BEGAN, ID, manifest
from wherry_control.batch.listing import Listed
from wherry_control.batch.progress import Progress
from wherry_control.batch.runs import Execution
from wherry_control.batch.schedule import Schedule
from wherry_control.batch.starting import Begun, stem_of
from wherry_control.batch.summary import of_execution

DEEP = "s3://wherry-dev-000000000000-us-east-1/batch/iris/out"
RAN = Listed(
    name=f"{stem_of(ID)}-1",
    status="timed_out",
    started=BEGAN,
    ended=BEGAN + timedelta(minutes=2),
    input="s3://data/in",
    output=DEEP,
    version=3,
    rows=1_234_567,
    predicted=1_234_567,
    refused=0,
    why=None,
)
LONG = replace(
    RAN, name="2f7d1a2c-4e1b-4c3d-9a8b-0123456789ab_77d1a2c4-4e1b-4c3d-9a8b-0123456789ab"
)
GOES = replace(RAN, name="b-1", status="running", output="s3://a/out", rows=None)
HALF = Progress(partitions=16, done=8, already=0, failed=0, rows=0, expected=None, seconds=4)


def text(view: View) -> str:
    out = StringIO()
    Output(as_json=False, stdout=out, stderr=out).result(None, view)
    return " ".join(out.getvalue().split())


def test_runs_are_listed_with_their_rows_and_where_they_wrote() -> None:
    shown = text(views.runs([GOES, RAN]))

    assert "b-1 running 2026-11-26 06:00 - s3://a/out" in shown
    assert "timed out 2026-11-26 06:00 1,234,567 …" in shown
    assert "/iris/out" in shown
    assert "older" not in shown
    assert text(views.runs([])) == "no run was ever started here"


def test_runs_that_are_not_shown_are_counted() -> None:
    assert "3 older ones: `--most 5` shows them too" in text(views.runs([GOES, RAN], 3))


@pytest.mark.parametrize("found", [[RAN], [GOES, RAN], [GOES], [LONG, RAN]])
def test_a_list_of_runs_fits_into_80_columns(found: Sequence[Listed]) -> None:
    """In a pipe, and on a terminal, where no word is broken."""
    (table,) = views.runs(found)
    assert isinstance(table, Table)
    drawn = StringIO()
    Console(file=drawn, width=80).print(_drawn(table))

    assert all(len(line) <= 80 for line in table.lines())
    assert len(list(filter(str.strip, drawn.getvalue().splitlines()))) == len(found) + 2


def test_a_list_tells_utc_whichever_zone_aws_answers_in() -> None:
    there = BEGAN.astimezone(timezone(timedelta(hours=2)))

    assert "2026-11-26 06:00" in text(views.runs([replace(RAN, started=there)]))


def test_a_run_that_failed_tells_why() -> None:
    ended = BEGAN + timedelta(seconds=9)
    failed = Execution("b-1", "failed", BEGAN, ended, error="Incomplete", cause="1 part is missing")

    assert text(views.status(failed, HALF, None)) == (
        "b-1: failed, 8 of 16 parts started 2026-11-26 06:00:00 UTC, took 9.0 s "
        "why: Incomplete: 1 part is missing"
    )


def test_a_run_that_goes_on_tells_how_far_it_is() -> None:
    running = Execution("b-1", "running", BEGAN)

    assert "b-1: running, 8 of 16 parts" in text(views.status(running, HALF, None))
    assert "running, its parts are not shared out yet" in text(views.status(running, None, None))


def test_a_run_that_was_resumed_tells_whose_cost_is_told() -> None:
    did = Execution("b-2", "succeeded", BEGAN, BEGAN + timedelta(seconds=8))
    come = replace(of_execution(manifest(rows=12), did), already=1)

    shown = text(views.status(did, HALF, come))

    assert "3 of 3 done, 1 of them before" in shown
    assert "with what was done before" in shown
    assert "with what was" not in text(views.status(did, HALF, replace(come, already=0)))


def test_what_a_start_and_a_cancellation_came_to_is_told() -> None:
    assert "b-1: started" in text(views.begun(Begun("b-1", attached=False), "iris"))
    assert "`wherry batch status iris b-1`" in text(
        views.begun(Begun("b-1", attached=True), "iris")
    )
    assert "was running already" in views.begun_line(Begun("b-1", attached=True))
    running = Execution("b-1", "running", BEGAN)
    assert "cancelled; what is done stays done" in text(views.cancelled(running, dry_run=False))
    assert "would be cancelled" in text(views.cancelled(running, dry_run=True))
    ended = replace(running, status="succeeded")
    assert "ended already: succeeded" in text(views.cancelled(ended, dry_run=False))


def test_a_schedule_shows_its_next_runs_and_what_each_is_told() -> None:
    told = {"input": "s3://data/in/", "options": {"id": "flower", "keep": ["a", "b"]}}
    daily = Schedule(
        "wherry-dev-iris-batch", "rate(1 day)", "UTC", enabled=True, since=BEGAN, input=told
    )

    shown = text(views.schedule(daily, [BEGAN, BEGAN]))

    assert "when rate(1 day), UTC" in shown
    assert "input s3://data/in/ output - id flower keep a, b" in shown
    assert "next runs 2026-11-26 06:00 UTC 2026-11-26 06:00 UTC" in shown
