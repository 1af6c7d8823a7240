"""What the local AWS counts, writes and delivers is what AWS does; in MiniStack's interpreter."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.emulated import in_ministack


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What MiniStack does with the fixes applied."""
    script = Path(__file__).with_name("telemetry.py")
    return in_ministack(script, tmp_path_factory.mktemp("ministack"))


def test_every_invocation_is_counted_under_all_that_it_was(told: dict[str, Any]) -> None:
    """Two through the alias, one of a version, one of none, and four that are not routed at all."""
    asked = told["telemetry"]["sums"]

    assert asked["FunctionName=z"] == 8
    assert asked["FunctionName=z|Resource=z:live"] == 2
    assert asked["ExecutedVersion=1|FunctionName=z|Resource=z:live"] == 2
    assert asked["FunctionName=z|Resource=z:2"] == 1


def test_a_version_writes_to_one_stream(told: dict[str, Any]) -> None:
    assert told["telemetry"]["streams"] == 3

    start, own, end, report, *_ = told["telemetry"]["good"]
    assert start.startswith("START RequestId: ")
    assert own == "hello"
    assert end.startswith("END RequestId: ")
    assert "Status" not in report


@pytest.mark.parametrize(
    ("ending", "line", "status"),
    [
        ("late", "Task timed out after 3.00 seconds", "Status: timeout"),
        ("killed", "signal: killed", "Status: error\tError Type: Runtime.OutOfMemory"),
        ("unborn", "Phase: invoke\tStatus: error", "Status: error\tError Type: Runtime.ExitError"),
    ],
)
def test_a_request_that_had_to_end_is_told_how(
    told: dict[str, Any], ending: str, line: str, status: str
) -> None:
    said = told["telemetry"]["endings"][ending]

    assert line in said[-3]
    assert said[-1].endswith(status)


def test_a_handler_that_raised_is_no_platform_error(told: dict[str, Any]) -> None:
    assert "Status" not in told["telemetry"]["endings"]["raised"][-1]


def test_lines_are_delivered_in_batches_by_stream_and_again_when_refused(
    told: dict[str, Any],
) -> None:
    assert told["delivered"] == {"got": [["a", 500], ["a", 500], ["a", 2], ["b", 1]], "waits": 1}


def test_a_containers_log_is_read_until_it_is_whole(told: dict[str, Any]) -> None:
    """Or for as long as somebody may wait for an answer that is there."""
    assert told["endings"] == [["a z", 0], ["a z", 2], ["a", 6]]


def test_terms_of_a_filter_are_taken_as_on_aws(told: dict[str, Any]) -> None:
    assert told["patterns"] == {
        '?one ?"two words"': [True, True, True, False],
        "one other": [False, False, True, False],
        "one -other": [True, False, False, False],
        "": [True, True, True, True],
    }
