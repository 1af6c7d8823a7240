"""
Publish: put a prepared artifact into a store, then pin it in the model's lock.

In this order: a lock never names what the store does not hold. Publishing the same artifact again
keeps its number and writes the same lock, so a command that was killed is simply run again.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wherry.artifact import Artifact
from wherry.manifest import Manifest
from wherry.pipeline.spec import TokenizeStep
from wherry.store import ModelStore
from wherry_control.locks import EXTRAS, ModelLock, write_lock


@dataclass(frozen=True)
class Published:
    """A model version in a store; `published` is False after a dry run."""

    model: str
    version: int
    digest: str
    store: str
    lock: Path
    published: bool


def publish(
    store: ModelStore, artifact: Artifact, lock: Path, *, now: datetime, dry_run: bool = False
) -> Published:
    """Publish and lock; a dry run tells the number that the artifact would get now."""
    model = artifact.manifest.model
    if dry_run:
        version = _next_number(store, model, artifact.digest)
    else:
        version = store.publish(artifact, now=now).version
        write_lock(lock, ModelLock(model, version, artifact.digest, extras_of(artifact.manifest)))
    return Published(model, version, artifact.digest, store.url, lock, published=not dry_run)


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
