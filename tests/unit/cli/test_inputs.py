"""What is looked at before the CDK starts, so that a wrong thing is told in one line."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from cli.call import Call
from cli.inputs import check_builder, check_published, prepare
from tests.support.stores import NOW, altered, an_artifact
from wherry.errors import ConfigurationError, IntegrityError, MissingArtifactError, ToolError
from wherry.store import ModelStore
from wherry_control.locks import ModelLock, lock_path, write_lock
from wherry_control.project import Project
from wherry_control.signing import make_key, open_signer, sign


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """A call whose target's store is a directory, and where a lock pins an artifact of iris."""
    target = SimpleNamespace(
        name="local",
        environment="dev",
        store_url=str(tmp_path / "store"),
        account="000000000000",
        region="us-east-1",
        packaging=None,
        base_image=None,
        python=None,
        operations_python=None,
    )
    lock = ModelLock("iris", 1, an_artifact("iris").digest)
    write_lock(lock_path(tmp_path, "iris", "local"), lock)
    file = tmp_path / "models" / "iris" / "model.toml"
    file.parent.mkdir(parents=True)
    file.write_text('[model]\nname = "iris"\n')
    return cast("Call", SimpleNamespace(target=target, project=Project(tmp_path)))


def test_what_a_lock_pins_must_be_in_the_store(call: Call, tmp_path: Path) -> None:
    with pytest.raises(MissingArtifactError, match="wherry publish iris --target local"):
        check_published(call, ["iris"])

    ModelStore.open(str(tmp_path / "store")).publish(an_artifact("iris"), now=NOW)
    check_published(call, ["iris"])


def test_an_artifact_that_was_altered_in_the_store_is_not_deployed(
    call: Call, tmp_path: Path
) -> None:
    """Its function could not start, and on a first deploy it would be live."""
    ModelStore.open(str(tmp_path / "store")).publish(an_artifact("iris"), now=NOW)
    model = next((tmp_path / "store").glob("artifacts/sha256/*/model.onnx"))
    model.write_bytes(altered(model.read_bytes()))

    with pytest.raises(IntegrityError, match=r"model\.onnx"):
        check_published(call, ["iris"])


def no_kms(_region: str | None) -> object:
    raise AssertionError("a key file needs no KMS")


def test_a_release_that_requires_a_signature_is_not_deployed_without(
    call: Call, tmp_path: Path
) -> None:
    """Its function would not start."""
    store = ModelStore.open(str(tmp_path / "store"))
    make_key(tmp_path / "wherry.pem", {})
    key = open_signer(str(tmp_path / "wherry.pem"), {}, no_kms)
    version = store.publish(an_artifact("iris"), now=NOW)
    with (tmp_path / "models" / "iris" / "model.toml").open("a") as file:
        file.write('[deploy]\npublic_key = "wherry.pub"\n')

    with pytest.raises(IntegrityError, match="sign"):
        check_published(call, ["iris"])

    sign(store, an_artifact("iris"), version, key)
    check_published(call, ["iris"])


def test_no_builder_of_images_is_told_before_anything_is_deployed(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"docker: it is not installed.*--packaging zip"):
        check_builder({"PATH": str(tmp_path)})

    check_builder({"PATH": str(tmp_path), "CDK_DOCKER": sys.executable})


def test_a_wrong_option_in_cdk_json_is_told_in_one_line(call: Call, tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text('{"context": {"operations_python": "2.7"}}')

    with pytest.raises(ConfigurationError, match=r"operations_python = '2.7' is not allowed"):
        prepare(call, None)


def test_a_cdk_json_that_cannot_be_read_is_told(call: Call, tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text("{")

    with pytest.raises(ConfigurationError, match=r"cdk\.json: it cannot be read"):
        prepare(call, None)
