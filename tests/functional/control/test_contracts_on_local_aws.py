"""The gateway, the ledger and KMS keep their contracts on the local AWS, as what is fast does."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from boto3 import Session

from tests.support.emulated import local_aws, new_table
from tests.support.functions_contract import DeployedFunction, FunctionsContract
from tests.support.ledger_contract import LedgerContract
from tests.support.onnx_models import scaled
from tests.support.project import Project
from tests.support.shadow_lines_contract import Log, ShadowLinesContract
from tests.support.shadows_contract import Shadowed, ShadowsContract
from tests.support.signer_contract import SignerContract
from tests.support.stores import NOW
from wherry.errors import CloudError, ConfigurationError, ModelError
from wherry.store import ModelStore
from wherry_control.experiments.shadow_lines import LoggedShadows, shadow_lines
from wherry_control.experiments.shadowing import LambdaShadows
from wherry_control.functions import ALIAS
from wherry_control.gateway import Gateway
from wherry_control.ledger import DynamoLedger
from wherry_control.releases import releases_of
from wherry_control.signing import Signer, open_signer, sign

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
    with local_aws(tmp_path_factory.mktemp("local")) as told:
        yield Session(region_name=told["AWS_REGION"])


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
    return new_table(session.client("dynamodb"), "sequence", "N")


def test_lines_of_shadows_are_found_in_a_functions_log(session: Session) -> None:
    client, function = session.client("logs"), f"wherry-dev-m{uuid4().hex[:8]}"
    group, at = f"/aws/lambda/{function}", datetime.now(UTC)
    client.create_log_group(logGroupName=group)
    client.create_log_stream(logGroupName=group, logStreamName="one")
    told = [{"message": "prediction"}, {"message": "shadow", "of": "1"}, {"a": "shadow"}]
    events = [
        {"timestamp": int(at.timestamp() * 1000), "message": json.dumps(each)} for each in told
    ]
    client.put_log_events(logGroupName=group, logStreamName="one", logEvents=events)
    hour = timedelta(hours=1)

    assert list(shadow_lines(client, function, at - hour, at + hour)) == told[1:2]
    assert list(shadow_lines(client, function, at - 2 * hour, at - hour)) == []


class TestLoggedShadows(ShadowLinesContract):
    @pytest.fixture
    def log(self, session: Session) -> Log:
        client, function = session.client("logs"), f"wherry-dev-m{uuid4().hex[:8]}"
        group = f"/aws/lambda/{function}"
        client.create_log_group(logGroupName=group)
        client.create_log_stream(logGroupName=group, logStreamName="one")

        def write(at: datetime, line: Mapping[str, Any]) -> None:
            event = {"timestamp": int(at.timestamp() * 1000), "message": json.dumps(line)}
            client.put_log_events(logGroupName=group, logStreamName="one", logEvents=[event])

        return Log(LoggedShadows(client), function, write)


class TestLambdaShadows(ShadowsContract):
    @pytest.fixture
    def shadowed(self, session: Session, function: str) -> Shadowed:
        return Shadowed(LambdaShadows(session.client("lambda")), function)


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


def kms_key(client: Any, **options: str) -> str:
    told = client.create_key(**{"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY", **options})
    return str(told["KeyMetadata"]["Arn"])


class TestKms(SignerContract):
    @pytest.fixture
    def signer(self, session: Session) -> Signer:
        client = session.client("kms")
        alias = f"alias/wherry-{uuid4().hex[:8]}"
        client.create_alias(AliasName=alias, TargetKeyId=kms_key(client))
        return open_signer(f"awskms:///{alias}", {}, lambda _: client)

    def test_a_key_is_found_by_its_arn_too(self, session: Session) -> None:
        """Which says the region as well."""
        arn = kms_key(session.client("kms"))
        asked: list[str | None] = []

        def kms(region: str | None) -> Any:
            asked.append(region)
            return session.client("kms", region_name=region)

        assert open_signer(f"awskms:///{arn}", {}, kms).public_key.der
        assert asked == [session.region_name]

    def test_the_command_finds_it_and_verifies_what_it_signed(
        self, session: Session, tmp_path: Path
    ) -> None:
        """By its public key, written into a file to be pinned."""
        client, alias = session.client("kms"), f"alias/wherry-{uuid4().hex[:8]}"
        client.create_alias(AliasName=alias, TargetKeyId=kms_key(client))
        (tmp_path / "models").mkdir()
        (tmp_path / "cdk.json").touch()
        project = Project(tmp_path, {"AWS_REGION": session.region_name})
        store = ModelStore.open(str(tmp_path / ".wherry" / "store"))
        version = store.publish(scaled(), now=NOW)
        sign(store, scaled(), version, open_signer(f"awskms:///{alias}", {}, lambda _: client))

        told = project.wherry("keys", "show", f"awskms:///{alias}", "--to", "keys/kms.pub")
        done = project.run("verify", "tiny", "--public-key", "keys/kms.pub", "--json")

        assert store.signed_by(version) == [told["id"]]
        states = {each["what"]: each["state"] for each in done.json["checks"]}
        assert states["signature"] == "sound"

    def test_a_key_that_is_not_there_is_told(self, session: Session) -> None:
        """With the command that makes one."""
        signer = open_signer("awskms:///alias/none", {}, lambda _: session.client("kms"))

        with pytest.raises(CloudError, match=r"KMS has no such key.*--key-spec ECC_NIST_P256"):
            _ = signer.public_key

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            ({"KeySpec": "ECC_NIST_P384"}, "it is ECC_NIST_P384 for SIGN_VERIFY"),
            ({"KeySpec": "RSA_2048"}, "it is RSA_2048 for SIGN_VERIFY"),
            ({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}, "for ENCRYPT_DECRYPT"),
        ],
    )
    def test_a_key_of_another_kind_is_refused(
        self, session: Session, options: dict[str, str], told: str
    ) -> None:
        """Before anything is published."""
        client = session.client("kms")
        signer = open_signer(f"awskms:///{kms_key(client, **options)}", {}, lambda _: client)

        with pytest.raises(ConfigurationError, match=told):
            _ = signer.public_key
