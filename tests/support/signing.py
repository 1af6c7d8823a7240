"""Keys, and stores that hold signed model versions."""

from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from tests.support.stores import NOW, an_artifact
from wherry.artifact import Artifact
from wherry.signature import PublicKey, enveloped, signed_bytes
from wherry.signature_check import ORDER, canonical
from wherry.store import ModelStore, ModelVersion
from wherry.store.objects import Objects
from wherry.store.settings import open_objects
from wherry_control.signing import sign
from wherry_control.signing.keys import FileKey


@cache
def a_key(number: int = 1) -> FileKey:
    """The same key for the same number."""
    return FileKey(ec.derive_private_key(number, ec.SECP256R1()))


def twin(signature: bytes) -> bytes:
    """The other signature that ECDSA holds for as good."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, ORDER - s)


@dataclass(frozen=True)
class TwinKey:
    """A signer that gives, of the two forms of a signature, the other one, as KMS may."""

    key: FileKey

    @property
    def public_key(self) -> PublicKey:
        return self.key.public_key

    def sign(self, message: bytes) -> bytes:
        return twin(self.key.sign(message))


def envelope_of(payload: bytes, key: FileKey | None = None) -> bytes:
    """What the owner of the key could have signed: any payload."""
    key = key or a_key()
    return enveloped(payload, key.public_key, canonical(key.sign(signed_bytes(payload))))


@dataclass(frozen=True)
class Signed:
    """A store in memory with one signed version in it."""

    objects: Objects
    store: ModelStore
    artifact: Artifact
    version: ModelVersion


def a_signed_version(artifact: Artifact | None = None, key: FileKey | None = None) -> Signed:
    objects = open_objects("memory://", {})
    store, artifact = ModelStore(objects, "the store"), artifact or an_artifact()
    version = store.publish(artifact, now=NOW)
    sign(store, artifact, version, key or a_key())
    return Signed(objects, store, artifact, version)
