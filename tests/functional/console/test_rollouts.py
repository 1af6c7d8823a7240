"""Rollouts watched and steered in a real browser, by keyboard alone."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.functional.console.conftest import Opened
from tests.support.browser import complaints
from tests.support.console_board import FakeBoard
from tests.support.console_scripts import GOOD, SWAPPED
from wherry.errors import RefusedError


@pytest.fixture
def board() -> FakeBoard:
    return FakeBoard({"iris": SWAPPED, "digits": GOOD})


def ticks(board: FakeBoard, model: str, number: int) -> None:
    for _ in range(number):
        board.tick(model)


def test_a_bad_candidate_is_started_and_watched_to_its_rollback(
    opened: Opened, board: FakeBoard
) -> None:
    page = opened(board)
    page.shows("#phase", "No rollout yet")

    told = page.act("Start rollout")
    assert "Start rollout: iris?" in told
    assert "Release 7 (model version 6) is tried at its own version first." in told
    page.shows("#phase", "Preflight")
    ticks(board, "iris", 3)
    page.shows("#phase", "Step 1 of 4 · 1 %")
    page.shows("#traffic", "99 % stable, release 6")
    ticks(board, "iris", 3)
    page.shows("#phase", "Step 2 of 4 · 5 %")
    ticks(board, "iris", 9)

    page.shows("#phase", "Rolled back")
    page.shows("#why", "outputs: answers differ by 24 %, allowed 10 %")
    page.shows("#traffic", "100 % stable, release 6")
    page.shows("#readings", "Harm proven")
    page.shows("#history", "rollback")
    assert page.text("#announce") == "iris: rolled back, release 6 has all traffic"
    assert board.done == [("start", "iris")]


def test_a_good_candidate_is_watched_to_its_promotion(opened: Opened, board: FakeBoard) -> None:
    page = opened(board)

    page.tab_to("digits")
    page.press(Keys.ENTER)
    page.shows("#name", "digits")
    page.act("Start rollout")
    ticks(board, "digits", 20)

    page.shows("#phase", "Promoted")
    page.shows("#traffic", "100 % stable, release 7")
    assert board.done == [("start", "digits")]


def test_a_rollout_is_paused_resumed_and_promoted_by_hand(opened: Opened, board: FakeBoard) -> None:
    page = opened(board)
    board.start("iris")
    ticks(board, "iris", 2)

    told = page.act("Pause")
    assert "Proven harm still rolls iris back." in told
    page.shows("#phase", "Paused")
    page.act("Resume")
    page.shows("#phase", "Step 1 of 4")
    told = page.act("Promote")

    assert "All live traffic of iris goes to release 7 (model version 6) at once." in told
    page.shows("#phase", "Promoted")
    assert board.done == [(each, "iris") for each in ("start", "pause", "resume", "promote")]


def test_a_rollout_is_rolled_back_by_hand(opened: Opened, board: FakeBoard) -> None:
    page = opened(board)
    board.start("iris")
    ticks(board, "iris", 5)

    told = page.act("Roll back")

    assert "All live traffic of iris goes back to release 6 (model version 5)" in told
    page.shows("#phase", "Rolled back")


def test_who_does_not_confirm_does_nothing_and_is_back_where_they_were(
    opened: Opened, board: FakeBoard
) -> None:
    page = opened(board)
    page.tab_to("Start rollout")

    for key in (Keys.ENTER, Keys.ESCAPE):  # at the focus, which is Cancel; or by leaving
        page.press(Keys.ENTER)
        page.shows("#confirm-title", "iris")
        page.press(key)
        page.until(lambda: not page.text("#confirm-title"))
        assert page.focus == "Start rollout"

    assert board.done == []


def test_what_is_refused_is_told_where_it_was_asked(opened: Opened, board: FakeBoard) -> None:
    page = opened(board)
    board.refuse = RefusedError("rollout of iris", "release 7 is already there", "Deploy another.")

    page.tab_to("Start rollout")
    page.press(Keys.ENTER)
    page.shows("#confirm-title", "iris")
    page.press(Keys.TAB, Keys.ENTER)

    page.shows("#confirm-fault", "rollout of iris: release 7 is already there")
    page.shows("#confirm-fault", "→ Deploy another.")
    assert page.focus == "Cancel"
    assert all("409" in each for each in complaints(page.chromium))
