"""The real controller and the real judge, steered in a real browser; only AWS is in memory."""

from tests.functional.console.conftest import Opened
from tests.support.console_over_controller import ControllerBoard
from tests.support.rollout_world import World, bad, good
from wherry_control.functions import Traffic


def test_a_bad_candidate_is_started_by_a_button_and_rolled_back_by_the_judge(
    opened: Opened,
) -> None:
    board = ControllerBoard(World(bad))
    page = opened(board)

    page.act("Start rollout")
    page.shows("#phase", "Preflight")
    board.tick()
    page.shows("#phase", "Step 1 of 2 · 10 %")
    page.shows("#traffic", "90 % stable, release 1")
    board.tick()

    page.shows("#phase", "Rolled back")
    page.shows("#why", "errors: candidate 5,000 of 10,000 (50 %)")
    page.shows("#readings", "Harm proven")
    assert board.world.traffic == Traffic("1")
    assert [action for action, _ in board.world.history][-3:] == ["start", "step", "rollback"]


def test_a_good_one_is_paused_resumed_promoted_by_the_judge_and_taken_back_by_hand(
    opened: Opened,
) -> None:
    board = ControllerBoard(World(good))
    page = opened(board)

    page.act("Start rollout")
    board.tick()
    page.shows("#phase", "Step 1 of 2")
    page.act("Pause")
    page.shows("#phase", "Paused")
    board.tick()
    assert board.world.traffic == Traffic("1", "3", 10)
    page.act("Resume")
    board.tick()
    page.shows("#phase", "Step 2 of 2")
    board.tick()
    page.shows("#phase", "Promoted")
    assert board.world.traffic == Traffic("3")

    page.act("Roll back to release 1")

    page.shows("#traffic", "100 % stable, release 1")
    assert board.world.traffic == Traffic("1")
