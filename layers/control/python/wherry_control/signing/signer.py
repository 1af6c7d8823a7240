"""
Sign a model version: one statement, made from what the store holds, and kept there write-once.

It is signed after the version has its number: a publisher who lost the race for a number would else
leave a valid statement that is not true. A signature that is there already is checked and kept, so
that a publisher who was killed is simply run again. It refuses to replace one that is wrong.
"""

from typing import Protocol

from wherry.artifact import Artifact
from wherry.errors import IntegrityError
from wherry.signature import PublicKey, enveloped, signed_bytes, statement
from wherry.signature_check import canonical, check_envelope
from wherry.store import ModelStore, ModelVersion


class Signer(Protocol):
    """One private key on the curve P-256, wherever it is."""

    @property
    def public_key(self) -> PublicKey: ...

    def sign(self, message: bytes) -> bytes:
        """ECDSA over the SHA-256 of `message`, as DER."""


def sign(store: ModelStore, artifact: Artifact, version: ModelVersion, signer: Signer) -> str:
    """Store the signature of a version that is published, and return the id of its key."""
    key = signer.public_key
    found = store.signature(version.model, version.version, version.digest, key.id)
    if found is None:
        payload = statement(artifact.digest, artifact.manifest, version.version)
        made = enveloped(payload, key, canonical(signer.sign(signed_bytes(payload))))
        check_envelope(made, artifact, version.version, key)
        if store.keep_signature(version, key.id, made):
            return key.id
        found = store.signature(version.model, version.version, version.digest, key.id) or b""
    try:
        check_envelope(found, artifact, version.version, key)
    except IntegrityError as error:
        raise IntegrityError(
            f"{store.url}: {error.where}",
            error.what,
            "Somebody altered the store: delete this signature and publish again.",
        ) from error
    return key.id
