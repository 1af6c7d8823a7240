"""The gateway and the ledger keep their contracts on the local AWS, as their fakes do."""

import io
import json
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from boto3 import Session

from infra.local_aws import Options, down, up
from tests.support.functions_contract import DeployedFunction, FunctionsContract
from tests.support.ledger_contract import LedgerContract
from wherry.errors import CloudError, ModelError
from wherry_control.functions import ALIAS
from wherry_control.gateway import Gateway
from wherry_control.ledger import DynamoLedger
from wherry_control.releases import releases_of

HANDLER = """
import os
def handler(event, context):
    if event.get("fail"):
        raise RuntimeError("asked to")
    return {"version": os.environ["WHERRY_MODEL_VERSION"]}
"""
ROLE = "arn:aws:iam::000000000000:role/function"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A session with a local AWS of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("local")
    up(Options(folder=folder, port=port, packaging="zip", keep=False))
    told = json.loads(Path(folder, "target.json").read_text())["environment"]
    patched = pytest.MonkeyPatch()
    patched.setenv("AWS_ENDPOINT_URL", told["AWS_ENDPOINT_URL"])
    yield Session(region_name=told["AWS_REGION"])
    patched.undo()
    down(folder)


@pytest.fixture
def function(session: Session) -> str:
    """A function with two published versions and the alias on the first."""
    name = f"wherry-dev-m{uuid4().hex[:8]}"
    client = session.client("lambda")
    client.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": _zipped(HANDLER)},
        Environment=_environment(1),
    )
    client.publish_version(FunctionName=name)
    client.update_function_configuration(FunctionName=name, Environment=_environment(2))
    client.publish_version(FunctionName=name)
    client.create_alias(FunctionName=name, Name=ALIAS, FunctionVersion="1")
    return name


@pytest.fixture(scope="module")
def table(session: Session) -> str:
    name = f"wherry-dev-{uuid4().hex[:8]}"
    session.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "model", "KeyType": "HASH"},
            {"AttributeName": "sequence", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "model", "AttributeType": "S"},
            {"AttributeName": "sequence", "AttributeType": "N"},
        ],
    )
    return name


class TestGateway(FunctionsContract):
    @pytest.fixture
    def deployed(self, session: Session, function: str) -> DeployedFunction:
        return DeployedFunction(Gateway(session), function, "1", "2")


class TestDynamoLedger(LedgerContract):
    @pytest.fixture
    def ledger(self, session: Session, table: str) -> DynamoLedger:
        return DynamoLedger(session.client("dynamodb"), table)


def test_releases_are_read_from_what_each_version_pinned(session: Session, function: str) -> None:
    found = releases_of(Gateway(session), function)

    assert [(item.release, item.model_version) for item in found] == [("1", 1), ("2", 2)]
    assert found[0].role == ROLE


def test_invoke_reaches_the_named_version_whatever_the_alias_says(
    session: Session, function: str
) -> None:
    assert Gateway(session).invoke(function, "2", {}) == {"version": "2"}


def test_a_handler_that_fails_is_a_model_error(session: Session, function: str) -> None:
    with pytest.raises(ModelError, match="asked to"):
        Gateway(session).invoke(function, "1", {"fail": True})


def test_a_stack_that_does_not_exist_is_none(session: Session) -> None:
    assert Gateway(session).stack("Wherry-dev-nobody") is None


def test_an_unknown_key_is_an_error(session: Session) -> None:
    with pytest.raises(CloudError):
        Gateway(session).api_key("nobody")


def test_a_ledger_without_a_table_is_an_error(session: Session) -> None:
    with pytest.raises(CloudError):
        DynamoLedger(session.client("dynamodb"), "nothing").entries("iris")


def _environment(version: int) -> dict[str, Any]:
    return {
        "Variables": {
            "WHERRY_MODEL_VERSION": str(version),
            "WHERRY_DIGEST": f"sha256:{version:064}",
        }
    }


def _zipped(source: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", source)
    return packed.getvalue()
