"""
The signed statement of a model version: what is signed, and in which bytes.

It is an in-toto statement in a DSSE envelope, over the artifact's digest, the SHA-256 of each file,
and the model and number under which it was published: signed for one version, it is good for no
other. A version has one statement and a statement one encoding, so that checking is comparing.

Nothing here signs or checks: `signature_check` does, and is imported only where a key is pinned.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import Self

import msgspec
import orjson

from wherry.manifest import MANIFEST, Manifest

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:wherry:model-version:v1"
# What the DER of every public key on P-256 begins with: its algorithm, and "an uncompressed point".
P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
P256_BYTES = len(P256) + 64
KEY_ID = re.compile(r"[0-9a-f]{64}")


class PublicKey(msgspec.Struct, frozen=True):
    """A public key on the curve P-256, as DER (SubjectPublicKeyInfo)."""

    der: bytes

    @classmethod
    def read(cls, text: str) -> Self | None:
        """From Base64; None if it is no such key."""
        try:
            der = base64.b64decode(text, validate=True)
        except ValueError:
            return None
        return cls(der) if len(der) == P256_BYTES and der.startswith(P256) else None

    @property
    def id(self) -> str:
        """64 hexadecimal digits, which follow from the key: whoever pins it knows its name."""
        return hashlib.sha256(self.der).hexdigest()

    def __str__(self) -> str:
        return base64.b64encode(self.der).decode()


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of the envelope: who signed it, and the signature as Base64 of DER."""

    keyid: str
    sig: bytes


class Envelope(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"payload_type": "payloadType"}
):
    """DSSE, with one signature."""

    payload: bytes
    payload_type: str
    signatures: tuple[Signature, ...]

    def to_bytes(self) -> bytes:
        """Canonical JSON: sorted keys, no spaces, one newline at the end."""
        told = msgspec.to_builtins(self)
        return orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def statement(digest: str, manifest: Manifest, version: int) -> bytes:
    """What is said of `version` of the manifest's model, as canonical JSON."""
    told = {
        "_type": STATEMENT_TYPE,
        "predicate": {"digest": digest, "model": manifest.model, "version": version},
        "predicateType": PREDICATE_TYPE,
        "subject": [
            {"digest": {"sha256": sha256}, "name": name}
            for name, sha256 in sorted(subjects(digest, manifest).items())
        ],
    }
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)


def subjects(digest: str, manifest: Manifest) -> Mapping[str, str]:
    """The SHA-256 of each file of the artifact, the manifest among them."""
    listed = {name: entry.sha256 for name, entry in manifest.files.items()}
    return {**listed, MANIFEST: digest.removeprefix("sha256:")}


def signed_bytes(payload: bytes) -> bytes:
    """What the key signs: DSSE's encoding of the payload and its type."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def enveloped(payload: bytes, key: PublicKey, signature: bytes) -> bytes:
    """The file that is stored."""
    return Envelope(payload, PAYLOAD_TYPE, (Signature(key.id, signature),)).to_bytes()
