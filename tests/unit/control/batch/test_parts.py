"""Why parts of a run on AWS failed: in words of theirs, and with what to do where that is known."""

import pytest

from tests.support.batch_runs import BEGAN
from wherry_control.batch.parts import failed_parts
from wherry_control.batch.runs import Execution

TASK = {"partition": {"name": "p1", "source": "s3://data/in/a.csv"}}
LATE = "RequestId: 1f Error: Task timed out after 900.00 seconds"


def _part(error: str, cause: str) -> Execution:
    return Execution("c-1", "failed", BEGAN, input=TASK, error=error, cause=cause)


@pytest.mark.parametrize(
    ("error", "cause"),
    [("Sandbox.Timedout", LATE), ("States.Timeout", ""), ("Lambda.Unknown", LATE)],
)
def test_a_part_that_ran_into_the_time_limit_is_told_to_have_fewer_rows(
    error: str, cause: str
) -> None:
    [failed] = failed_parts([_part(error, cause)])

    assert (failed.name, failed.source, failed.lasting) == ("p1", "s3://data/in/a.csv", True)
    assert failed.reason == (
        "it ran into the time limit of its function: give each part fewer rows, by --part-rows or "
        "`part_rows` of [batch]"
    )


@pytest.mark.parametrize(
    ("error", "lasting", "reason"),
    [
        ("RefusedError", True, "it has changed"),
        ("CloudError", False, "it has changed"),
        ("Runtime.ExitError", False, "Runtime.ExitError: it has changed"),
    ],
)
def test_another_part_is_told_as_it_said_itself(error: str, lasting: bool, reason: str) -> None:  # noqa: FBT001 - a case
    [failed] = failed_parts([_part(error, "it has changed")])

    assert (failed.reason, failed.lasting) == (reason, lasting)
