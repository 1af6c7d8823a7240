"""What the page is told of a rollout, and which buttons it gets, with what words."""

from math import inf, nan

import orjson
import pytest

from tests.support.console_board import FakeBoard
from tests.support.console_scripts import GOOD, SWAPPED
from wherry.sketch.bins import number_bin
from wherry_control.console.actions import offered
from wherry_control.console.charts import Bar, distribution
from wherry_control.console.view import Experiment, ModelView, view_of
from wherry_control.functions import Traffic


def board(ticks: int = 0, *, started: bool = True) -> FakeBoard:
    made = FakeBoard({"iris": SWAPPED, "digits": GOOD})
    if started:
        made.start("iris")
        made.start("digits")
    for _ in range(ticks):
        made.tick("iris")
        made.tick("digits")
    return made


def seen(made: FakeBoard, model: str = "iris") -> ModelView:
    return view_of(made.report(model), Experiment(None))


def labels(made: FakeBoard, model: str = "iris") -> list[str]:
    return [each.label for each in offered(made.report(model))]


def test_before_the_first_rollout_there_is_none() -> None:
    told = seen(board(started=False))

    assert told.rollout is None
    assert told.live == Traffic("6")
    assert told.releases[0].release == "7"


def test_each_release_has_its_share_of_the_traffic() -> None:
    told = seen(board(5))

    assert {each.release: each.share for each in told.releases if each.share} == {"7": 5, "6": 95}
    assert {each.role for each in told.releases} == {"stable", "candidate", ""}


def test_a_reading_says_how_much_of_its_threshold_it_has_come_to() -> None:
    told = seen(board(20)).rollout
    assert told is not None

    found = {each.metric: each for each in told.readings}

    assert found["outputs"].finding == "worse"
    assert found["slow"].name == "slow requests"
    assert found["slow"].told.startswith("candidate 3 of")
    assert found["outputs"].share >= 1 > found["errors"].share
    assert told.trail[-1].shares["outputs"] >= 1


def test_a_running_rollout_says_when_it_is_given_up_and_an_ended_one_does_not() -> None:
    running, ended = seen(board(2)).rollout, seen(board(20)).rollout
    assert running is not None
    assert ended is not None

    assert running.until is not None
    assert (running.until - running.started).total_seconds() == 1440 * 60
    assert ended.ended
    assert ended.until is None


def test_the_ledger_is_told_newest_first() -> None:
    told = seen(board(2)).history

    assert [each.sequence for each in told] == sorted((e.sequence for e in told), reverse=True)
    assert told[0].after == "release 6 99 %, candidate 7 1 %"


@pytest.mark.parametrize(
    ("ticks", "buttons"),
    [
        (0, ["Pause", "Roll back"]),
        (2, ["Pause", "Promote", "Roll back"]),
        (20, ["Start rollout"]),
    ],
)
def test_buttons_are_those_that_the_controller_would_take(ticks: int, buttons: list[str]) -> None:
    assert labels(board(ticks)) == buttons


def test_a_paused_rollout_is_resumed() -> None:
    made = board(2)
    made.pause("iris")

    assert labels(made)[0] == "Resume"


def test_after_a_promotion_there_is_nothing_newer_to_start() -> None:
    assert labels(board(20), "digits") == ["Roll back to release 6"]


def test_every_consequence_names_the_model() -> None:
    for ticks in (0, 2, 20):
        made = board(ticks)
        for model in made.models():
            for action in offered(made.report(model)):
                assert model in action.consequence, action


def test_a_document_is_json_whatever_the_numbers_are() -> None:
    assert orjson.loads(orjson.dumps(seen(board(9))))["rollout"]["charts"]["latency"]["bars"]


def test_bins_of_numbers_come_in_order_with_the_gaps_between_them() -> None:
    bins = {number_bin(value): 1 for value in (40.0, 2.0, 2.5)}

    bars = distribution("latency", bins, {}).bars

    assert [each.stable for each in bars] == [1, 1, 0, 1]
    assert [(round(each.low or 0, 2), round(each.high or 0, 2)) for each in bars] == [
        (2.0, 2.38), (2.38, 2.83), (2.83, 38.05), (38.05, 45.25),
    ]  # fmt: skip


def test_what_is_no_number_comes_last() -> None:
    bins = {number_bin(value): 1 for value in (nan, 2.0, inf, -1.0)}

    bars = distribution("score", bins, {}).bars

    assert [each.name for each in bars if each.stable] == ["-0", "+4", "+inf", "nan"]
    assert bars[-1].low is None


def test_labels_come_by_how_common_they_are() -> None:
    told = distribution("label", {"b": 3, "a": 1}, {"a": 1, "c": 5})

    assert not told.numeric
    assert told.bars == (Bar("c", 0, 5), Bar("b", 3, 0), Bar("a", 1, 1))


def test_a_digit_is_a_label_if_others_are() -> None:
    assert not distribution("digit", {"0": 5, "1": 5}, {}).numeric
    assert not distribution("digit", {"0": 5}, {"0": 5}).numeric
