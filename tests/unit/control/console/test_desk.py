"""The board is asked no more often than it is worth, and a deed is seen at once."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.console_board import FakeBoard
from tests.support.console_scripts import GOOD
from wherry.errors import CloudError, RefusedError
from wherry_control.console.desk import Desk
from wherry_control.rollouts.report import Report


class Counting(FakeBoard):
    """It counts how often it was looked at."""

    def __init__(self) -> None:
        super().__init__({"iris": GOOD})
        self.asked = {"report": 0, "experiment": 0}
        self.now = 1000.0
        self.takes = 0.0

    def report(self, model: str) -> Report:
        self.asked["report"] += 1
        self.now += self.takes
        return super().report(model)

    def experiment(self, model: str) -> Mapping[str, Any] | None:
        self.asked["experiment"] += 1
        return super().experiment(model)


@pytest.fixture
def board() -> Counting:
    return Counting()


@pytest.fixture
def desk(board: Counting) -> Desk:
    return Desk(board=board, place="here", clock=lambda: board.now)


def test_what_is_fresh_is_not_asked_for_again(board: Counting, desk: Desk) -> None:
    for later in (0, 1, 2.9, 0.1, 3.9):
        board.now += later
        desk.view("iris")

    assert board.asked["report"] == 2


def test_a_look_that_takes_long_is_taken_less_often(board: Counting, desk: Desk) -> None:
    """Of a long rollout with much traffic it reads gigabytes, for money."""
    board.takes = 3.0
    desk.view("iris")

    for later in (4.0, 22.9, 0.2):
        board.now += later
        desk.view("iris")

    assert board.asked["report"] == 2


def test_a_deed_is_seen_at_once(desk: Desk) -> None:
    assert desk.view("iris").rollout is None

    desk.act("start", "iris")

    assert desk.view("iris").rollout is not None


def test_a_deed_that_was_refused_is_looked_at_anew_too(board: Counting, desk: Desk) -> None:
    """It may have been refused because somebody else was faster."""
    desk.view("iris")
    board.start("iris")
    board.refuse = RefusedError("rollout of iris", "one is running")

    with pytest.raises(RefusedError):
        desk.act("start", "iris")

    assert desk.view("iris").rollout is not None


def test_an_experiment_is_asked_for_by_the_minute(board: Counting, desk: Desk) -> None:
    for _ in range(20):
        board.now += 5
        desk.view("iris")

    assert board.asked == {"report": 20, "experiment": 2}


def test_a_rollout_is_shown_though_its_experiment_cannot_be(board: Counting, desk: Desk) -> None:
    def broken(_model: str) -> None:
        raise CloudError("outcomes", "there is no such table", "Deploy.")

    board.experiment = broken  # type: ignore[assignment] # one that fails
    view = desk.view("iris")

    assert view.live.stable == "6"
    assert view.experiment.error is not None
    assert view.experiment.error.what == "there is no such table"
