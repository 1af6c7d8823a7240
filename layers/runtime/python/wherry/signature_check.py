"""
Whether a model version is signed by a pinned key: the only module of the data plane that needs
`cryptography`, imported only where a key is pinned.

Whatever is not, to the byte, what the key's owner would have stored for this very version is
refused: another statement, another encoding of it, or the twin of a signature (ECDSA has two for
each; the one with the lower number is the one). No word of a statement is read before its signature
was checked.
"""

from collections.abc import Sequence

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from wherry.artifact import Artifact
from wherry.errors import ConfigurationError, IntegrityError
from wherry.signature import (
    PAYLOAD_TYPE,
    PREDICATE_TYPE,
    STATEMENT_TYPE,
    Envelope,
    PublicKey,
    signed_bytes,
    statement,
    subjects,
)
from wherry.store import ModelStore

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of the curve P-256
SHOWN = 12  # digits of a key's id

_AGAIN = "Sign it again with the key that is pinned: `wherry publish {model} --sign KEY`."


class _Predicate(msgspec.Struct, forbid_unknown_fields=True):
    digest: str
    model: str
    version: int


class _Subject(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    digest: dict[str, str]


class _Statement(msgspec.Struct, forbid_unknown_fields=True, rename={"kind": "_type"}):
    kind: str
    predicate_type: str = msgspec.field(name="predicateType")
    predicate: _Predicate
    subject: list[_Subject]


def check_signed(
    store: ModelStore, artifact: Artifact, version: int, keys: Sequence[PublicKey]
) -> PublicKey:
    """Return the first of `keys` that signed this version; IntegrityError if none did."""
    model, digest = artifact.manifest.model, artifact.digest
    faults = []
    for key in keys:
        data = store.signature(model, version, digest, key.id)
        if data is None:
            continue
        try:
            check_envelope(data, artifact, version, key)
        except IntegrityError as error:
            faults.append(error)
        else:
            return key
    if faults:
        raise faults[0]
    pinned = ", ".join(key.id[:SHOWN] for key in keys)
    raise IntegrityError(
        f"{store.url}: {model} version {version}",
        f"it has no signature by a pinned key ({pinned}), and this release requires one",
        _AGAIN.format(model=model),
    )


def check_envelope(data: bytes, artifact: Artifact, version: int, key: PublicKey) -> None:
    """Raise IntegrityError unless `data` is the signature of `key` on this very version."""
    model = artifact.manifest.model
    try:
        envelope = _envelope(data)
        _check_signature(envelope, key)
        _check_statement(envelope.payload, artifact, version)
    except _Odd as odd:
        where = f"the signature of {model} version {version} by {key.id[:SHOWN]}"
        raise IntegrityError(where, str(odd), _AGAIN.format(model=model)) from odd


class _Odd(Exception):  # noqa: N818 - it never leaves this module
    """What is wrong with an envelope, in words."""


def _envelope(data: bytes) -> Envelope:
    try:
        envelope = msgspec.json.decode(data, type=Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _Odd(f"it is no DSSE envelope ({error})") from error
    if envelope.payload_type != PAYLOAD_TYPE:
        raise _Odd(f"its payload type is {envelope.payload_type!r:.60}, not {PAYLOAD_TYPE}")
    if len(envelope.signatures) != 1:
        raise _Odd(f"it holds {len(envelope.signatures)} signatures, not one")
    if envelope.to_bytes() != data:
        raise _Odd("it is written otherwise than it was signed")
    return envelope


def _check_signature(envelope: Envelope, key: PublicKey) -> None:
    [signature] = envelope.signatures
    if signature.keyid != key.id:
        raise _Odd(f"it is by the key {signature.keyid[:SHOWN]!r}")
    if not is_canonical(signature.sig):
        raise _Odd("its signature is not encoded as it should be")
    try:
        loaded(key).verify(signature.sig, signed_bytes(envelope.payload), ECDSA(SHA256()))
    except InvalidSignature as error:
        raise _Odd(
            "the signature does not match: it was altered, or made by another key"
        ) from error


def _check_statement(payload: bytes, artifact: Artifact, version: int) -> None:
    if payload != statement(artifact.digest, artifact.manifest, version):
        raise _Odd(_difference(payload, artifact, version))


def loaded(key: PublicKey) -> EllipticCurvePublicKey:
    """Raise ConfigurationError if the key is no point of its curve."""
    try:
        found = load_der_public_key(key.der)
    except ValueError as error:
        raise ConfigurationError("the public key", f"{key} is no key on P-256") from error
    assert isinstance(found, EllipticCurvePublicKey)  # noqa: S101 - the DER's own first bytes say so
    return found


def canonical(signature: bytes) -> bytes:
    """The one of a signature's two forms that is accepted."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, min(s, ORDER - s))


def is_canonical(signature: bytes) -> bool:
    try:
        return canonical(signature) == signature
    except (ValueError, OverflowError):
        return False


def _difference(payload: bytes, artifact: Artifact, version: int) -> str:
    """What the owner of the key has signed instead."""
    model, digest = artifact.manifest.model, artifact.digest
    try:
        told = msgspec.json.decode(payload, type=_Statement)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return f"it signs no statement of a model version ({error})"
    if (told.kind, told.predicate_type) != (STATEMENT_TYPE, PREDICATE_TYPE):
        return f"it signs a statement of another kind ({told.predicate_type!r:.60})"
    of = told.predicate
    if (of.model, of.version, of.digest) != (model, version, digest):
        return (
            f"it is for {of.model} version {of.version} ({of.digest}), not for this one ({digest})"
        )
    names = [subject.name for subject in told.subject]
    wanted = subjects(digest, artifact.manifest)
    odd = sorted(set(names) ^ wanted.keys())
    if odd:
        return f"it speaks of other files than the artifact has: {', '.join(odd):.200}"
    differ = sorted(
        each.name for each in told.subject if each.digest != {"sha256": wanted[each.name]}
    )
    return (
        f"it speaks of other bytes of {', '.join(differ)}" if differ else "it is written otherwise"
    )
