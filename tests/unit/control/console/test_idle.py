"""A rollout that nobody ticks: the page is told since when, and gets the button that mends it."""

from dataclasses import replace
from datetime import datetime

import pytest

from tests.support.console_board import BEGAN, FakeBoard
from tests.support.console_scripts import SWAPPED
from wherry_control.console.view import Experiment, view_of


@pytest.mark.parametrize(("idle", "button"), [(BEGAN, "Resume"), (None, "Pause")])
def test_the_page_is_told_since_when_and_may_resume(idle: datetime | None, button: str) -> None:
    board = FakeBoard({"iris": SWAPPED})
    board.start("iris")
    report = replace(board.report("iris"), idle=idle)

    seen = view_of(report, Experiment(None))

    assert seen.rollout is not None
    assert seen.rollout.idle == idle
    assert seen.actions[0].label == button
