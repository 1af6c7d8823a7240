"""
Publish: put a prepared artifact into a store, sign its version, then pin it in the model's lock.

In this order: a lock never names what the store does not hold, or what is not signed yet.
Publishing the same artifact again keeps its number and its signature and writes the same lock, so a
command that was killed is simply run again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wherry.artifact import Artifact
from wherry.manifest import Manifest
from wherry.pipeline.spec import TokenizeStep
from wherry.store import ModelStore
from wherry_control.locks import EXTRAS, ModelLock, write_lock
from wherry_control.signing import Signer, sign


@dataclass(frozen=True, kw_only=True)
class Published:
    """A model version in a store; `published` is False after a dry run, `signed_by` a key's id."""

    model: str
    version: int
    digest: str
    store: str
    lock: Path
    published: bool
    signed_by: str | None = None


def publish(  # noqa: PLR0913 - each is a part of what is pinned, or how
    store: ModelStore,
    artifact: Artifact,
    lock: Path,
    *,
    now: datetime,
    signer: Signer | None = None,
    complete: Callable[[ModelLock], ModelLock] = lambda made: made,
    dry_run: bool = False,
) -> Published:
    """
    Publish, sign and lock; a dry run tells the number that the artifact would get now.

    `complete` adds what else the lock pins, such as the arms of an experiment.
    """
    model, digest = artifact.manifest.model, artifact.digest
    key = signer.public_key.id if signer else None  # first: without a key, nothing is published
    if dry_run:
        version = _next_number(store, model, digest)
    else:
        made = store.publish(artifact, now=now)
        version = made.version
        if signer is not None:
            sign(store, artifact, made, signer)
        pinned = ModelLock(model, version, digest, extras_of(artifact.manifest))
        write_lock(lock, complete(pinned))
    return Published(
        model=model,
        version=version,
        digest=digest,
        store=store.url,
        lock=lock,
        published=not dry_run,
        signed_by=key,
    )


def extras_of(manifest: Manifest) -> tuple[str, ...]:
    """What a function needs to serve it, beside what every model has."""
    steps = manifest.pipeline.steps if manifest.pipeline else ()
    wanted = {
        "image": manifest.image is not None,
        "text": any(isinstance(step, TokenizeStep) for step in steps),
    }
    return tuple(each for each in EXTRAS if wanted[each])


def _next_number(store: ModelStore, model: str, digest: str) -> int:
    known = {item.digest: item.version for item in store.versions(model)}
    return known.get(digest, max(known.values(), default=0) + 1)
