"""Nothing but what the owner of a pinned key stored for this very version is accepted."""

import base64
import json
from collections.abc import Callable
from typing import Any

import msgspec
import orjson
import pytest

from tests.support.signing import a_key, a_signed_version, envelope_of, twin
from tests.support.stores import NOW, altered, an_artifact
from wherry.artifact import Artifact
from wherry.errors import ConfigurationError, IntegrityError
from wherry.manifest import MANIFEST
from wherry.signature import Envelope, PublicKey, enveloped, signed_bytes, statement
from wherry.signature_check import canonical, check_envelope, check_signed

ARTIFACT = an_artifact()
KEY = a_key()
TOLD = statement(ARTIFACT.digest, ARTIFACT.manifest, 1)
SOUND = envelope_of(TOLD)
OTHER_DIGEST = "sha256:" + "1" * 64


def refusal(data: bytes, artifact: Artifact = ARTIFACT, version: int = 1) -> str:
    with pytest.raises(IntegrityError) as caught:
        check_envelope(data, artifact, version, KEY.public_key)
    assert "`wherry publish iris --sign KEY`" in caught.value.todo
    return str(caught.value)


def restated(change: Callable[[dict[str, Any]], None]) -> bytes:
    """An envelope that the key's owner signed, of a statement that was changed before."""
    told = json.loads(TOLD)
    change(told)
    return envelope_of(orjson.dumps(told, option=orjson.OPT_SORT_KEYS))


def repacked(**changes: Any) -> bytes:
    """The sound envelope with other parts."""
    envelope = msgspec.json.decode(SOUND, type=Envelope)
    return msgspec.structs.replace(envelope, **changes).to_bytes()


def test_a_statement_names_the_version_and_every_file_with_its_sha256() -> None:
    """in-toto's own form, in canonical JSON, the manifest among the files."""
    told = json.loads(TOLD)

    assert told["_type"] == "https://in-toto.io/Statement/v1"
    assert told["predicate"] == {"digest": ARTIFACT.digest, "model": "iris", "version": 1}
    assert told["predicateType"].startswith("urn:wherry:")
    names = [each["name"] for each in told["subject"]]
    assert names == sorted(ARTIFACT.files)
    digests = {each["name"]: each["digest"] for each in told["subject"]}
    assert digests[MANIFEST] == {"sha256": ARTIFACT.digest.removeprefix("sha256:")}
    assert orjson.dumps(told, option=orjson.OPT_SORT_KEYS) == TOLD


def test_what_is_signed_is_the_encoding_of_dsse() -> None:
    """The example of its specification, with our payload type."""
    assert signed_bytes(b"hello world") == (
        b"DSSEv1 28 application/vnd.in-toto+json 11 hello world"
    )


def test_a_sound_envelope_is_accepted() -> None:
    """And only so are the refusals below worth something."""
    check_envelope(SOUND, ARTIFACT, 1, KEY.public_key)


def test_a_signature_of_another_version_is_refused() -> None:
    """Version 1, replayed as version 2."""
    told = refusal(SOUND, version=2)

    assert f"it is for iris version 1 ({ARTIFACT.digest}), not for this one" in told


def test_a_signature_of_another_model_is_refused() -> None:
    """The same bytes, published under another name."""
    digits = an_artifact(model="digits")
    data = envelope_of(statement(digits.digest, digits.manifest, 1))

    assert "it is for digits version 1" in refusal(data)


def test_a_signature_of_another_artifact_is_refused() -> None:
    """The same model and number, other bytes: an older one, played again after a new publish."""
    other = an_artifact(marker="two")

    assert f"({other.digest}), not for this one ({ARTIFACT.digest})" in refusal(
        envelope_of(statement(other.digest, other.manifest, 1))
    )


def test_the_signature_of_another_key_is_refused() -> None:
    """Under its own name, and under that of the pinned key."""
    other = a_key(2)
    forged = enveloped(TOLD, KEY.public_key, canonical(other.sign(signed_bytes(TOLD))))

    assert f"it is by the key '{other.public_key.id[:12]}'" in refusal(envelope_of(TOLD, other))
    assert "altered, or made by another key" in refusal(forged)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it is no DSSE envelope"),
        (SOUND[:-20], "it is no DSSE envelope"),
        (b"[]", "it is no DSSE envelope"),
        (SOUND.replace(b'{"keyid"', b'{"x":1,"keyid"'), "it is no DSSE envelope"),
        (repacked(payload_type="application/json"), "payload type is 'application/json'"),
        (repacked(signatures=()), "it holds 0 signatures"),
        (repacked(payload=b""), "altered, or made by another key"),
        (repacked(payload=altered(TOLD)), "altered, or made by another key"),
        (SOUND + b" ", "written otherwise than it was signed"),
        (SOUND[:-1], "written otherwise than it was signed"),
        (json.dumps(json.loads(SOUND)).encode(), "written otherwise than it was signed"),
        (envelope_of(b"not json"), "it signs no statement"),
        (envelope_of(b"{}"), "it signs no statement"),
        (envelope_of(json.dumps(json.loads(TOLD)).encode()), "it is written otherwise"),
    ],
)
def test_whatever_is_no_sound_envelope_is_refused(data: bytes, words: str) -> None:
    """Truncated, of another type, altered, or encoded again."""
    assert words in refusal(data)


def test_two_signatures_are_not_one() -> None:
    """Nobody can hide a signature beside the good one."""
    [good] = msgspec.json.decode(SOUND, type=Envelope).signatures

    assert "it holds 2 signatures" in refusal(repacked(signatures=(good, good)))


@pytest.mark.parametrize(
    "make", [twin, lambda sig: sig + b"\0", lambda sig: sig[:0], lambda sig: sig[:-1]]
)
def test_another_form_of_the_same_signature_is_refused(make: Callable[[bytes], bytes]) -> None:
    """ECDSA takes two numbers for the same message, and lax readers more bytes."""
    [good] = msgspec.json.decode(SOUND, type=Envelope).signatures
    changed = msgspec.structs.replace(good, sig=make(good.sig))

    assert "not encoded as it should be" in refusal(repacked(signatures=(changed,)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda told: told["subject"].pop(), "other files than the artifact has: model.onnx"),
        (
            lambda told: told["subject"].append({"name": "x.bin", "digest": {"sha256": "0" * 64}}),
            "other files than the artifact has: x.bin",
        ),
        (
            lambda told: told["subject"].append(told["subject"][0]),
            "it is written otherwise",
        ),
        (
            lambda told: told["subject"][0].update(digest={"sha256": "0" * 64}),
            "it speaks of other bytes of golden.json",
        ),
        (
            lambda told: told["subject"][0]["digest"].update(md5="0"),
            "it speaks of other bytes of golden.json",
        ),
        (lambda told: told.update(predicateType="urn:x"), "a statement of another kind ('urn:x')"),
        (lambda told: told.update(_type="x"), "a statement of another kind"),
        (lambda told: told.update(more=1), "it signs no statement"),
        (lambda told: told["predicate"].update(digest=OTHER_DIGEST), f"({OTHER_DIGEST})"),
    ],
)
def test_a_statement_that_says_less_more_or_else_is_refused(
    change: Callable[[dict[str, Any]], None], words: str
) -> None:
    """Although the owner of the key signed it."""
    assert words in refusal(restated(change))


def test_every_bit_of_an_envelope_counts() -> None:
    """One flipped bit in any byte, and it is refused."""
    for place in range(len(SOUND)):
        flipped = bytearray(SOUND)
        flipped[place] ^= 1 << (place % 8)
        with pytest.raises(IntegrityError):
            check_envelope(bytes(flipped), ARTIFACT, 1, KEY.public_key)


def test_an_unsigned_version_is_refused_where_a_key_is_pinned() -> None:
    """The words say which key, and how to sign."""
    signed = a_signed_version()
    second = signed.store.publish(an_artifact(marker="two"), now=NOW)
    artifact = signed.store.load(second.digest)

    with pytest.raises(IntegrityError, match="has no signature by a pinned key") as caught:
        check_signed(signed.store, artifact, 2, (KEY.public_key,))

    assert KEY.public_key.id[:12] in caught.value.what
    assert "wherry publish iris --sign KEY" in caught.value.todo


def test_any_of_several_pinned_keys_will_do() -> None:
    """While keys are changed, versions signed by the old one still serve."""
    signed = a_signed_version(key=a_key(2))
    keys = (KEY.public_key, a_key(2).public_key)

    assert check_signed(signed.store, signed.artifact, 1, keys) == a_key(2).public_key


def test_a_key_that_is_no_longer_pinned_is_worth_nothing() -> None:
    """That is how a key is revoked."""
    signed = a_signed_version(key=a_key(2))

    with pytest.raises(IntegrityError, match="no signature by a pinned key"):
        check_signed(signed.store, signed.artifact, 1, (KEY.public_key,))


def test_a_broken_signature_of_one_key_leaves_that_of_another_good() -> None:
    """Who can write to the store can spoil a signature, and no more."""
    signed = a_signed_version(key=a_key(2))
    signed.store.keep_signature(signed.version, KEY.public_key.id, b"spoilt")
    keys = (KEY.public_key, a_key(2).public_key)

    assert check_signed(signed.store, signed.artifact, 1, keys) == a_key(2).public_key
    with pytest.raises(IntegrityError, match="it is no DSSE envelope"):
        check_signed(signed.store, signed.artifact, 1, keys[:1])


@pytest.mark.parametrize("text", ["", "x", "AAAA", str(KEY.public_key)[:-4], f"{KEY.public_key} ="])
def test_only_a_whole_key_on_p256_is_read(text: str) -> None:
    """Base64, and the first bytes of such a key's DER."""
    assert PublicKey.read(text) is None
    assert PublicKey.read(str(KEY.public_key)) == KEY.public_key


def test_a_key_that_is_no_point_of_the_curve_is_told() -> None:
    """It looks like one, and no signature can be checked by it."""
    der = KEY.public_key.der[:-1] + bytes([KEY.public_key.der[-1] ^ 1])
    odd = PublicKey(der)
    data = SOUND.replace(KEY.public_key.id.encode(), odd.id.encode())

    with pytest.raises(ConfigurationError, match="is no key on P-256"):
        check_envelope(data, ARTIFACT, 1, odd)
    assert PublicKey.read(base64.b64encode(der).decode()) == odd
