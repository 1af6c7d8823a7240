"""With which code a batch run ends: an orchestrator tries again by it, or does not."""

from datetime import timedelta

import pytest

from cli.commands.batch import code_of
from tests.support.batch_runs import BEGAN, manifest
from wherry_control.batch.runs import Execution
from wherry_control.batch.summary import of_execution

DID = Execution("a-1", "succeeded", BEGAN, BEGAN + timedelta(seconds=8))


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({}, 0),
        ({"rows": 0, "predicted": 0, "refused": 0}, 0),
        ({"complete": False, "missing": 1}, 1),
        ({"complete": False, "missing": 1, "predicted": 0, "refused": 12}, 1),
        ({"predicted": 0, "refused": 12}, 3),
    ],
)
def test_another_try_is_worth_its_time_only_where_parts_are_missing(
    told: dict[str, int | bool], code: int
) -> None:
    assert code_of(of_execution(manifest(**told), DID)) == code
