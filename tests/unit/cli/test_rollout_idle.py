"""A rollout that nobody ticks: `status` and `watch` say so, in 80 columns, and what to do."""

from dataclasses import replace
from io import StringIO

import pytest

from cli import rollout_views as views
from cli.output import Output, View
from tests.support.console_board import BEGAN, FakeBoard
from tests.support.console_scripts import SWAPPED
from wherry_control.rollouts.report import Report

SAID = "nobody has ticked since 2026-11-26 09:00 UTC: `wherry rollout resume iris`"


def told(*, idle: bool) -> Report:
    board = FakeBoard({"iris": SWAPPED})
    board.start("iris")
    since = BEGAN.replace(hour=9, minute=0) if idle else None
    return replace(board.report("iris"), idle=since)


def lines(view: View) -> list[str]:
    out = StringIO()
    Output(as_json=False, stdout=out, stderr=out).result(None, view)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("idle", [False, True])
def test_status_and_watch_say_that_nobody_ticks(*, idle: bool) -> None:
    report = told(idle=idle)

    for view in (views.status(report), views.frame(report, BEGAN)):
        assert (SAID in lines(view)) is idle
        assert all(len(line) <= 80 for line in lines(view))
