"""Keys in files, and signing a version that is published."""

import base64
import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.signer_contract import SignerContract
from tests.support.signing import TwinKey, a_key, a_signed_version, envelope_of
from tests.support.stores import NOW, an_artifact
from wherry.errors import ConfigurationError, IntegrityError, UsageError
from wherry.signature_check import check_signed
from wherry.store import ModelStore
from wherry.store.objects import Objects
from wherry.store.settings import open_objects
from wherry_control.signing import Signer, make_key, open_signer, public_keys, sign
from wherry_control.signing.keys import PASSPHRASE, read_key


def no_kms(region: str | None) -> Any:
    raise AssertionError(region)


class TestFileKey(SignerContract):
    @pytest.fixture
    def signer(self, tmp_path: Path) -> Signer:
        make_key(tmp_path / "wherry.pem", {})
        return open_signer(str(tmp_path / "wherry.pem"), {}, no_kms)


class TestTheOtherFormOfASignature(SignerContract):
    @pytest.fixture
    def signer(self) -> Signer:
        return TwinKey(a_key())


def test_a_private_key_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    """And the public one lies beside it."""
    key, public = make_key(tmp_path / "keys" / "wherry.pem", {})

    assert (tmp_path / "keys" / "wherry.pem").stat().st_mode & 0o777 == 0o600
    assert public == tmp_path / "keys" / "wherry.pub"
    assert public_keys([public]) == (key,)
    assert read_key(tmp_path / "keys" / "wherry.pem", {}).public_key == key


def test_other_tools_read_the_keys(tmp_path: Path) -> None:
    """PEM, as openssl knows it."""
    make_key(tmp_path / "wherry.pem", {})

    told = subprocess.run(
        ["openssl", "pkey", "-in", str(tmp_path / "wherry.pem"), "-pubout"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert told.stdout == (tmp_path / "wherry.pub").read_text()


@pytest.mark.parametrize("name", ["wherry.pem", "wherry.pub"])
def test_no_key_is_ever_overwritten(tmp_path: Path, name: str) -> None:
    """Neither of the two files."""
    (tmp_path / name).write_text("mine")

    with pytest.raises(UsageError, match=f"{name}: it is there already"):
        make_key(tmp_path / "wherry.pem", {})

    assert [file.read_text() for file in tmp_path.iterdir()] == ["mine"]


def test_a_private_key_is_not_called_as_a_public_one(tmp_path: Path) -> None:
    """They would be one file."""
    with pytest.raises(UsageError, match=r"\.pub is for the public key"):
        make_key(tmp_path / "wherry.pub", {})


def test_a_key_with_a_passphrase_needs_it(tmp_path: Path) -> None:
    """From the environment; wrong or missing, it is told what to set."""
    file = tmp_path / "wherry.pem"
    key, _ = make_key(file, {PASSPHRASE: "secret"})

    assert b"ENCRYPTED" in file.read_bytes()
    assert read_key(file, {PASSPHRASE: "secret"}).public_key == key
    with pytest.raises(ConfigurationError, match=f"Set {PASSPHRASE}"):
        read_key(file, {})
    with pytest.raises(ConfigurationError, match=f"Check {PASSPHRASE}"):
        read_key(file, {PASSPHRASE: "wrong"})


def test_a_passphrase_for_a_key_without_one_is_told(tmp_path: Path) -> None:
    """It may be the wrong file."""
    make_key(tmp_path / "wherry.pem", {})

    with pytest.raises(ConfigurationError, match=f"Unset {PASSPHRASE}"):
        read_key(tmp_path / "wherry.pem", {PASSPHRASE: "secret"})


@pytest.mark.parametrize("algorithm", [["-algorithm", "ed25519"], [
    "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384",
]])  # fmt: skip
def test_a_key_of_another_kind_is_refused(tmp_path: Path, algorithm: list[str]) -> None:
    """The function knows one kind."""
    private, public = tmp_path / "other.pem", tmp_path / "other.pub"
    subprocess.run(["openssl", "genpkey", *algorithm, "-out", str(private)], check=True)
    command = ["openssl", "pkey", "-in", str(private), "-pubout", "-out", str(public)]
    subprocess.run(command, check=True)

    with pytest.raises(ConfigurationError, match="not on the curve P-256"):
        read_key(private, {})
    with pytest.raises(ConfigurationError, match="not on the curve P-256"):
        public_keys([public])


@pytest.mark.parametrize("text", ["", "hello", "-----BEGIN PUBLIC KEY-----\nAAAA\n"])
def test_what_is_no_key_is_told_by_its_file(tmp_path: Path, text: str) -> None:
    """And how to make one."""
    file = tmp_path / "wherry.pub"
    file.write_text(text)

    with pytest.raises(ConfigurationError, match=r"wherry\.pub.*wherry keys make"):
        public_keys([file])
    with pytest.raises(ConfigurationError, match=r"wherry\.pub.*wherry keys make"):
        read_key(file, {})


def test_a_file_may_hold_several_public_keys(tmp_path: Path) -> None:
    """Those of a rotation; what else is in it is refused."""
    one, first = make_key(tmp_path / "one.pem", {})
    two, second = make_key(tmp_path / "two.pem", {})
    both = tmp_path / "both.pub"
    both.write_text(first.read_text() + "\n" + second.read_text())

    assert public_keys([both]) == (one, two)
    both.write_text(first.read_text() + "more")
    with pytest.raises(ConfigurationError, match="holds no public key"):
        public_keys([both])


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """As any mistake in a command."""
    with pytest.raises(UsageError, match="cannot be read"):
        open_signer(str(tmp_path / "none.pem"), {}, no_kms)


@pytest.mark.parametrize("name", ["awskms:", "awskms://", "awskms:///", "awskms://alias/x"])
def test_what_names_no_key_in_kms_is_told(name: str) -> None:
    """With the form that does."""
    with pytest.raises(UsageError, match="Write awskms:///alias/NAME"):
        open_signer(name, {}, no_kms)


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("awskms:///alias/wherry", None),
        ("awskms:///1234abcd-12ab-34cd-56ef-1234567890ab", None),
        ("awskms:///arn:aws:kms:eu-north-1:123456789012:key/1234abcd", "eu-north-1"),
    ],
)
def test_an_arn_says_in_which_region_the_key_is(name: str, region: str | None) -> None:
    """KMS is asked there; else where every tool would ask."""
    asked: list[str | None] = []

    open_signer(name, {}, asked.append)

    assert asked == [region]


def test_a_spoilt_signature_is_told_and_not_replaced() -> None:
    """Write-once holds for signatures too."""
    store, artifact = ModelStore.open("memory://"), an_artifact()
    version = store.publish(artifact, now=NOW)
    store.keep_signature(version, a_key().public_key.id, b"spoilt")

    with pytest.raises(IntegrityError, match="delete this signature and publish again"):
        sign(store, artifact, version, a_key())

    assert store.signature("iris", 1, artifact.digest, a_key().public_key.id) == b"spoilt"


@dataclass
class BlindObjects:
    """Storage that does not show a signature to whoever looks before writing, once."""

    objects: Objects
    looked: bool = False

    def read(self, key: str, limit: int) -> bytes | None:
        if "signatures" in key and not self.looked:
            self.looked = True
            return None
        return self.objects.read(key, limit)

    def create(self, key: str, data: bytes) -> bool:
        return self.objects.create(key, data)

    def keys(self, prefix: str) -> Iterable[str]:
        return self.objects.keys(prefix)


def test_what_somebody_else_wrote_meanwhile_is_checked() -> None:
    """Losing the race to rubbish is not being signed."""
    objects = open_objects("memory://", {})
    store, artifact = ModelStore(objects, ""), an_artifact()
    version = store.publish(artifact, now=NOW)
    store.keep_signature(version, a_key().public_key.id, b"spoilt")

    with pytest.raises(IntegrityError, match="delete this signature"):
        sign(ModelStore(BlindObjects(objects), ""), artifact, version, a_key())


def test_whoever_signs_at_once_keeps_the_first_signature() -> None:
    """Two publishers of one version: the second finds the other's, which is as good."""
    signed = a_signed_version()

    sign(
        ModelStore(BlindObjects(signed.objects), "blind"),
        signed.artifact,
        signed.version,
        TwinKey(a_key()),
    )

    key = a_key().public_key
    assert check_signed(signed.store, signed.artifact, 1, [key]) == key


def test_a_stored_envelope_is_canonical() -> None:
    """One statement has one encoding, of the same key with the same bytes each time."""
    signed = a_signed_version()
    stored = signed.store.signature("iris", 1, signed.artifact.digest, a_key().public_key.id)

    assert stored is not None
    payload = json.loads(stored)["payload"]
    assert stored == envelope_of(base64.b64decode(payload))
