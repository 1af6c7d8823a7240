"""What workers are fed by is as on AWS: each fix, in MiniStack's own interpreter, once for all."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.emulated import in_ministack

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What MiniStack answers with the fixes applied."""
    return in_ministack(HERE / "work.py", tmp_path_factory.mktemp("ministack"))


def test_an_error_is_called_by_its_class(told: dict[str, Any]) -> None:
    assert told["names"] == ["RefusedError", "KeyError", "ValueError", ""]
    assert told["worker"] == "RefusedError"


@pytest.mark.parametrize(
    ("case", "ended"),
    [
        ("within", ["done", 2]),
        ("beyond", ["States.ExceedToleratedFailureThreshold", 2]),
        ("none", ["States.ExceedToleratedFailureThreshold", 2]),
    ],
)
def test_a_threshold_that_the_input_tells_is_kept(
    told: dict[str, Any], case: str, ended: list[Any]
) -> None:
    assert told["maps"][case] == ended


def test_no_item_of_a_run_that_was_stopped_begins(told: dict[str, Any]) -> None:
    assert told["maps"]["stopped"][1] == 0


def test_dead_letters_go_back_to_where_they_came_from(told: dict[str, Any]) -> None:
    letters = told["letters"]

    assert (letters["lying"], letters["left"], letters["moved"]) == (1, 0, 1)
    assert letters["task"] == [True, "COMPLETED"]
    assert letters["back"] == ["hello", 1]  # counted afresh, and this is the first time
    assert letters["refused"] == "AWS.SimpleQueueService.NonExistentQueue"


def test_a_schedule_goes_by_the_clock_of_its_zone(told: dict[str, Any]) -> None:
    assert told["times"]["winter"] == "2026-01-01T02:00:00+00:00"
    assert told["times"]["summer"] == "2026-07-02T01:00:00+00:00"
    assert told["times"]["once"] is True


def test_a_schedule_is_due_once_each_time_and_not_when_it_is_over(told: dict[str, Any]) -> None:
    assert told["times"]["rate"] == "2026-01-01T02:00:00+00:00"
    assert (told["times"]["off"], told["times"]["over"], told["times"]["twice"]) == (None,) * 3


def test_a_schedule_of_a_template_has_the_zone_that_the_template_says(told: dict[str, Any]) -> None:
    assert told["zones"] == ["Europe/Berlin", "Europe/Rome"]


def test_a_target_is_told_for_when_it_was_scheduled(told: dict[str, Any]) -> None:
    """And one that is due only tomorrow is not called, nor one a second time."""
    assert told["fired"] == ["at 2026-01-01T00:00:00Z"]


def test_what_a_function_signs_opens_outside_of_its_container(told: dict[str, Any]) -> None:
    url = "http://127.0.0.1:4566/bucket/key"

    assert (told["urls"]["text"], told["urls"]["packed"]) == (url, url)
    assert told["urls"]["others"] == "AAAA"


def test_what_was_signed_for_another_place_does_not(told: dict[str, Any]) -> None:
    assert told["urls"]["signed"] == [True, False]
