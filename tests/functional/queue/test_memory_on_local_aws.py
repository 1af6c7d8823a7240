"""The memory of messages keeps its contract on DynamoDB, with Powertools' own layer."""

from typing import Any

import pytest
from boto3 import Session

from tests.support.memory_contract import MemoryContract, a_key
from tests.support.queue_aws import messages_table
from wherry.aws.messages import DynamoMemory
from wherry.errors import CloudError


@pytest.fixture(scope="module")
def client(session: Session) -> Any:
    return session.client("dynamodb")


@pytest.fixture(scope="module")
def table(client: Any) -> str:
    return messages_table(client)


class TestDynamoMemory(MemoryContract):
    @pytest.fixture
    def memory(self, client: Any, table: str) -> DynamoMemory:
        return DynamoMemory(client, table)


def test_an_item_is_as_powertools_makes_it_and_lives_a_month(client: Any) -> None:
    table = messages_table(client)
    memory, key = DynamoMemory(client, table), a_key()
    memory.begin(key, 60)
    memory.finish(key, b"{}")

    (item,) = client.scan(TableName=table)["Items"]

    assert item["data"] == {"S": '{"result": "e30="}'}
    assert item["status"] == {"S": "COMPLETED"}
    assert item["id"]["S"].startswith("message#")
    left = int(item["expiration"]["N"]) - int(item["in_progress_expiration"]["N"]) / 1000
    assert 29 < left / 86400 < 31


def test_a_table_that_is_not_there_is_an_error_of_the_cloud(client: Any) -> None:
    memory = DynamoMemory(client, "absent")

    for ask in (
        lambda: memory.begin(a_key(), 60), lambda: memory.finish(a_key(), b"{}"),
        lambda: memory.abandon(a_key()),
    ):  # fmt: skip
        with pytest.raises(CloudError, match="absent"):
            ask()
