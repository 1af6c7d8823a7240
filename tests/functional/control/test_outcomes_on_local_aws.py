"""Outcomes in DynamoDB, on the local AWS: their contract, and what only a table can do."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from boto3 import Session

from tests.support.emulated import local_aws
from tests.support.outcomes_contract import OutcomesContract
from tests.support.outcomes_fakes import AT, DAY, exposed, told
from wherry.errors import CloudError
from wherry_control.experiments.joining import ReleaseOutcomes
from wherry_control.experiments.outcomes import DynamoOutcomes


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with local_aws(tmp_path_factory.mktemp("local")) as found:
        yield Session(region_name=found["AWS_REGION"]).client("dynamodb")


@pytest.fixture(scope="module")
def table(client: Any) -> str:
    """With the keys that the Operations stack gives it."""
    name = f"wherry-dev-{uuid4().hex[:8]}"
    keys = {"model": "HASH", "key": "RANGE"}
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
    )
    return name


class TestDynamoOutcomes(OutcomesContract):
    @pytest.fixture
    def outcomes(self, client: Any, table: str) -> DynamoOutcomes:
        return DynamoOutcomes(client, table)


def test_more_than_a_page_of_answers_is_read_to_its_end(client: Any, table: str) -> None:
    """DynamoDB answers a megabyte at a time."""
    outcomes = DynamoOutcomes(client, table)
    wide = "x" * 40_000
    outcomes.expose(
        exposed(16 * number, "a", model="wide", experiment=wide) for number in range(40)
    )

    assert sum(len(shard.exposures) for shard in outcomes.shards("wide", AT, AT + DAY)) == 40


def test_facts_are_forgotten_ninety_days_after_they_happened(client: Any, table: str) -> None:
    DynamoOutcomes(client, table).expose([exposed(1, "a", model="old")])

    found = client.query(
        TableName=table,
        KeyConditionExpression="model = :model",
        ExpressionAttributeValues={":model": {"S": "old#1"}},
    )["Items"]
    assert int(found[0]["expires"]["N"]) == int((AT + 90 * DAY).timestamp())


def test_the_outcomes_of_releases_are_read_from_a_table(client: Any, table: str) -> None:
    outcomes = DynamoOutcomes(client, table)
    outcomes.tell([told(1, 0.5, model="split"), told(2, 1, model="split")])
    outcomes.expose(
        [exposed(1, "a", model="split", release="7"), exposed(2, "a", model="split", release="8")]
    )

    found = ReleaseOutcomes(outcomes)("split", ["7", "8"], AT, AT + DAY)

    assert {release: sums["clicked"].mean for release, sums in found.items()} == {"7": 0.5, "8": 1}


def test_a_table_that_is_not_there_is_an_error(client: Any) -> None:
    outcomes = DynamoOutcomes(client, "nothing")

    with pytest.raises(CloudError):
        outcomes.expose([exposed(1, "a")])
    with pytest.raises(CloudError):
        list(outcomes.shards("iris", AT, AT + DAY))
