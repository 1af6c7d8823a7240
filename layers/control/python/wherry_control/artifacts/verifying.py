"""
Verify a model version: the bytes, the signature, and that the model still answers as it must.

Each check is made on its own and told on its own, so that one look says what is wrong and how much.
What cannot be checked because something before it is wrong, or because no key was given, is told as
not checked, and never as sound.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from wherry.artifact import Artifact
from wherry.errors import WherryError
from wherry.manifest import GOLDEN, MANIFEST
from wherry.release import Release
from wherry.service import Service
from wherry.signature import PublicKey
from wherry.signature_check import SHOWN, check_signed
from wherry.store import ModelStore, ModelVersion

State = Literal["sound", "wrong", "not checked"]


@dataclass(frozen=True)
class Check:
    """What was looked at, what came of it, and what is to be known of that."""

    what: str
    state: State
    told: str


def verify(
    store: ModelStore,
    version: ModelVersion,
    keys: Sequence[PublicKey],
    replay: Callable[[Artifact], int],
) -> list[Check]:
    """`replay` asks the artifact's golden examples and tells how many passed, or raises."""
    checks = list(_files(store, version))
    if any(check.state == "wrong" for check in checks):
        return [*checks, *(Check(what, "not checked", "its files are wrong") for what in _REST)]
    artifact = store.load(version.digest)
    return [*checks, _signature(store, artifact, version, keys), *_answers(artifact, replay)]


_REST = ("signature", "model", "golden examples")


def _files(store: ModelStore, version: ModelVersion) -> Iterator[Check]:
    try:
        manifest = store.load(version.digest, []).manifest
        if manifest.model != version.model:
            yield Check(MANIFEST, "wrong", f"it is of model {manifest.model}")
            return
    except WherryError as error:
        yield Check(MANIFEST, "wrong", error.what)
        return
    yield Check(MANIFEST, "sound", version.digest[: len("sha256:") + SHOWN])
    for name, entry in sorted(manifest.files.items()):
        try:
            store.load(version.digest, [name])
        except WherryError as error:
            yield Check(name, "wrong", error.what)
        else:
            yield Check(name, "sound", f"{entry.bytes} bytes, sha256:{entry.sha256[:SHOWN]}")


def _signature(
    store: ModelStore, artifact: Artifact, version: ModelVersion, keys: Sequence[PublicKey]
) -> Check:
    if not keys:
        by = ", ".join(key[:SHOWN] for key in store.signed_by(version))
        told = f"stored of {by}; --public-key checks it" if by else "there is none"
        return Check("signature", "not checked", told)
    try:
        key = check_signed(store, artifact, version.version, keys)
    except WherryError as error:
        return Check("signature", "wrong", error.what)
    return Check("signature", "sound", f"by {key.id[:SHOWN]}")


def _answers(artifact: Artifact, replay: Callable[[Artifact], int]) -> Iterator[Check]:
    release = Release(artifact.manifest.model, 0, "verify", artifact.digest)
    try:
        Service(artifact, release)
    except WherryError as error:
        yield Check("model", "wrong", error.what)
        yield Check("golden examples", "not checked", "the model does not load")
        return
    yield Check("model", "sound", "it loads, and answers its own example")
    if GOLDEN not in artifact.files:
        yield Check("golden examples", "not checked", "it has none")
        return
    try:
        passed = replay(artifact)
    except WherryError as error:
        yield Check("golden examples", "wrong", error.what)
    else:
        yield Check("golden examples", "sound", f"{passed} answered as expected")
