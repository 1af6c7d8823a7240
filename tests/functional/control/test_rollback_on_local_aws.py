"""`wherry rollout rollback` on the local AWS, where there is a function and no table at all."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from boto3 import Session

from tests.support.emulated import local_aws
from tests.support.operations import PYTHON, ROLE, zipped_text
from wherry.errors import CloudError
from wherry_control.controller import Rollouts
from wherry_control.functions import ALIAS, Traffic
from wherry_control.gateway import Gateway
from wherry_control.ledger import DynamoLedger
from wherry_control.rollouts.dynamo import DynamoRollouts

FUNCTION = "wherry-dev-iris"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """Release 2 has all traffic, and was promoted after 1."""
    with local_aws(tmp_path_factory.mktemp("local")) as told:
        session = Session(region_name=told["AWS_REGION"])
        client = session.client("lambda")
        client.create_function(
            FunctionName=FUNCTION,
            Runtime=f"python{PYTHON}",
            Role=ROLE,
            Handler="app.handler",
            Code={
                "ZipFile": zipped_text("app.py", "def handler(event, context):\n    return {}\n")
            },
        )
        client.publish_version(FunctionName=FUNCTION)
        client.update_function_configuration(FunctionName=FUNCTION, Description="another")
        client.publish_version(FunctionName=FUNCTION)
        client.create_alias(FunctionName=FUNCTION, Name=ALIAS, FunctionVersion="2")
        yield session


def by_hand(session: Session) -> Rollouts:
    dynamo = session.client("dynamodb")
    return Rollouts(
        functions=Gateway(session),
        ledger=DynamoLedger(dynamo, "gone"),
        store=DynamoRollouts(dynamo, "gone"),
        check=lambda _model, _function, _release: None,
        function=lambda model: f"wherry-dev-{model}",
        clock=lambda: datetime.now(UTC),
    )


def test_it_says_which_way_back_is_left_and_that_way_is_two_calls(session: Session) -> None:
    calls: list[str] = []
    session.events.register("before-call", lambda model, **_told: calls.append(model.name))
    with pytest.raises(CloudError, match="`wherry rollout rollback iris --to RELEASE`"):
        by_hand(session).rollback("iris")
    calls.clear()

    outcome = by_hand(session).rollback("iris", to="1")

    assert outcome.moved
    assert "ResourceNotFoundException" in outcome.warning
    assert calls[:2] == ["GetAlias", "UpdateAlias"]
    assert Gateway(session).live(FUNCTION).traffic == Traffic("1")


def test_a_release_that_does_not_exist_is_named(session: Session) -> None:
    with pytest.raises(CloudError, match="there is no release 99"):
        by_hand(session).rollback("iris", to="99")
