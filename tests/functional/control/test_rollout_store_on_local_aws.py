"""The store of rollouts in DynamoDB keeps its contract on the local AWS."""

from collections.abc import Iterator

import pytest
from boto3 import Session

from tests.support.emulated import local_aws, new_table
from tests.support.rollout_store_contract import PLAN, RolloutStoreContract, state
from wherry.errors import CloudError
from wherry_control.rollouts.dynamo import DynamoRollouts


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A session with a local AWS of its own."""
    with local_aws(tmp_path_factory.mktemp("local")) as told:
        yield Session(region_name=told["AWS_REGION"])


@pytest.fixture(scope="module")
def table(session: Session) -> str:
    return new_table(session.client("dynamodb"))


class TestDynamoRollouts(RolloutStoreContract):
    @pytest.fixture
    def store(self, session: Session, table: str) -> DynamoRollouts:
        return DynamoRollouts(session.client("dynamodb"), table)


def test_without_a_table_it_is_an_error(session: Session) -> None:
    with pytest.raises(CloudError):
        DynamoRollouts(session.client("dynamodb"), "nothing").load("iris")


def test_a_rollout_of_a_later_wherry_is_refused(session: Session, table: str) -> None:
    client = session.client("dynamodb")
    DynamoRollouts(client, table).create(PLAN, state("later"))
    client.update_item(
        TableName=table,
        Key={"model": {"S": "later"}},
        UpdateExpression="SET #schema = :two",
        ExpressionAttributeNames={"#schema": "schema"},
        ExpressionAttributeValues={":two": {"N": "2"}},
    )

    with pytest.raises(CloudError, match="another Wherry"):
        DynamoRollouts(client, table).load("later")


def test_an_item_that_was_made_by_hand_is_refused(session: Session, table: str) -> None:
    client = session.client("dynamodb")
    client.put_item(TableName=table, Item={"model": {"S": "made"}, "state": {"S": "{}"}})

    with pytest.raises(CloudError, match="changed by hand"):
        DynamoRollouts(client, table).load("made")
