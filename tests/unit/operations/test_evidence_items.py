"""Items of evidence as DynamoDB holds them: one that nobody can read is told, and ends nothing."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.evidence_fakes import FakePlatform
from wherry_control.evidence.dynamo import DynamoEvidence
from wherry_control.evidence.sources import Invoked
from wherry_control.rollouts.gathering import Gatherer

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


class Table:
    """DynamoDB's client, with one item in every answer."""

    def __init__(self, counts: str) -> None:
        self._item = {"slot": {"S": "20261126T1201#7#a"}, "counts": {"S": counts}}

    def get_paginator(self, _call: str) -> "Table":
        return self

    def paginate(self, **_asked: Any) -> Iterator[Mapping[str, Any]]:
        yield {"Items": [self._item]}


@pytest.mark.parametrize("counts", ['{"novel": 3}', '{"requests":', "[]", '{"outcomes": {"a": 1}}'])
def test_an_item_of_another_wherry_is_missing_evidence_and_ends_no_turn(counts: str) -> None:
    """A turn that fails never comes to its deadline, and the candidate keeps its traffic."""
    platform = FakePlatform([("iris", Invoked(NOON + timedelta(minutes=1), "7", 9, 9))])
    gather = Gatherer(
        store=DynamoEvidence(Table(counts), "evidence"), platform=platform, function=str
    )

    told = gather("iris", "6", "7", NOON, NOON + timedelta(minutes=3), {})

    assert told.missing
    assert "another Wherry" in told.missing[0]
    assert told.candidate.failed == 9
