"""Runs with what they were asked and their rows, and what of a run was done before."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.batch_runs import BEGAN, FakeRuns, manifest
from wherry.batch.contract import Manifest
from wherry_control.batch.listing import listed
from wherry_control.batch.resumed import done_before, resumed
from wherry_control.batch.runs import Execution
from wherry_control.batch.summary import of_execution

LATER = BEGAN + timedelta(hours=1)
COME = of_execution(manifest(), Execution("a-2", "succeeded", LATER, LATER))


def told(output: str) -> dict[str, Any]:
    return {"input": "s3://data/in", "output": output, "version": 3}


def counted(output: str) -> Manifest | None:
    """As in the folders; s3://c has none."""
    return None if output == "s3://c" else manifest(rows=len(output))


def test_a_run_is_listed_with_its_input_output_version_and_rows() -> None:
    runs = FakeRuns()
    runs.start("a-1", told("s3://a"))
    runs.end("a-1", "succeeded")

    (found,), others = listed(runs, 20, counted)

    assert (found.input, found.output, found.version) == ("s3://data/in", "s3://a", 3)
    assert (found.rows, found.predicted, found.refused) == (6, 10, 2)
    assert (found.why, others) == (None, 0)


def test_rows_are_told_of_the_last_run_into_a_folder_once_it_has_ended() -> None:
    """A manifest tells of no other."""
    runs = FakeRuns()
    for name, output in (("a-1", "a"), ("a-2", "a"), ("b-1", "b"), ("b-2", "b"), ("c-1", "c")):
        runs.start(name, told(f"s3://{output}"))
        runs.end(name, "failed", "Incomplete", "1 part")
    runs.start("b-3", told("s3://b"))

    found, _ = listed(runs, 20, counted)

    assert [each.name for each in found if each.rows is not None] == ["a-2"]


def test_older_runs_are_counted_and_not_asked_for() -> None:
    runs = FakeRuns()
    for number in range(5):
        runs.start(f"a-{number}", told("s3://a"))

    found, others = listed(runs, 2, counted)

    assert ([each.name for each in found], others) == (["a-4", "a-3"], 3)


class Receipts:
    """As much of boto3's client of S3 as one question needs."""

    def __init__(self, *when: datetime) -> None:
        self._when = when
        self.asked: dict[str, str] = {}

    def get_paginator(self, _: str) -> "Receipts":
        return self

    def paginate(self, **asked: str) -> list[dict[str, Any]]:
        self.asked = asked
        return [{"Contents": [{"LastModified": each}]} for each in self._when] + [{}]


def test_a_receipt_from_before_the_second_of_a_start_was_there_before() -> None:
    moment = LATER.replace(microsecond=400_000)
    receipts = Receipts(BEGAN, LATER - timedelta(seconds=1), LATER, LATER + timedelta(seconds=1))

    assert done_before(receipts, "s3://data/out", moment) == 2
    assert receipts.asked == {"Bucket": "data", "Prefix": "out/_wherry/receipts/"}


def test_a_whole_bucket_may_be_an_output() -> None:
    receipts = Receipts()

    assert done_before(receipts, "s3://data", LATER) == 0
    assert receipts.asked["Prefix"] == "_wherry/receipts/"


def test_a_run_that_found_all_done_costs_no_computing() -> None:
    again, some = resumed(COME, 3), resumed(COME, 1)

    assert (again.already, some.already) == (3, 1)
    assert some.cost == COME.cost
    assert 0 < (again.cost or 0) < (some.cost or 0)


@pytest.mark.parametrize("before", [3, 9])
def test_more_were_never_done_before_than_are_done(before: int) -> None:
    come = replace(COME, missing=1, complete=False)

    assert resumed(come, before).already == 2
