"""
Model locks: which artifact of a model a deployment pins, by digest.

The lock of the account that everybody deploys to is committed beside the model; a lock of a store
that nobody else can read (the local AWS, a directory) stays in `.wherry/locks`. Files are canonical
and replaced in one step, so that a killed command leaves the old one or the new one.
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wherry.errors import ConfigurationError
from wherry.experiments.spec import Experiment

SCHEMA_VERSION = 1
SHARED_TARGET = "aws"
NO_TARGET = "store"
DIGEST = r"sha256:[0-9a-f]{64}"
EXTRAS = ("image", "text")


@dataclass(frozen=True)
class ModelLock:
    """
    One published version of a model, and the digest that it must have.

    `extras` is what its function needs beside what every model has, in the order of EXTRAS. The
    arms of an `experiment` are further versions, and one of them is this one.
    """

    model: str
    version: int
    digest: str
    extras: tuple[str, ...] = ()
    experiment: Experiment | None = None

    def to_bytes(self) -> bytes:
        told: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "model": self.model,
            "version": self.version,
            "digest": self.digest,
        }
        if self.extras:
            told["extras"] = list(self.extras)
        if self.experiment:
            told["experiment"] = json.loads(self.experiment.to_text())
        return (json.dumps(told, indent=2, sort_keys=True) + "\n").encode()


def lock_path(root: Path, model: str, target: str | None) -> Path:
    """Where the lock of `model` lies for a target, or (None) for a store without one."""
    if target == SHARED_TARGET:
        return root / "models" / model / "model.lock.json"
    return lock_folder(root, target) / f"{model}.lock.json"


def lock_folder(root: Path, target: str | None) -> Path:
    """The folder with the locks that are not committed."""
    return root / ".wherry" / "locks" / (target or NO_TARGET)


def write_lock(path: Path, lock: ModelLock) -> None:
    """Replace the file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(lock.to_bytes())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_lock(path: Path) -> ModelLock | None:
    """None if there is no lock; ConfigurationError if the file is broken."""
    try:
        told = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise broken_lock(path, str(error)) from error
    match told:
        case {
            "schema_version": 1,
            "model": str(model),
            "version": int(version),
            "digest": str(digest),
        } if type(version) is int and version > 0 and re.fullmatch(DIGEST, digest):
            extras = told.get("extras", [])
            if isinstance(extras, list) and extras == [name for name in EXTRAS if name in extras]:
                experiment = _experiment(path, told, version, digest)
                return ModelLock(model, version, digest, tuple(extras), experiment)
            raise broken_lock(path, f"extras is {extras!r}")
    raise broken_lock(path, "it needs schema_version 1, model, version and digest (sha256:…)")


def _experiment(path: Path, told: dict[str, Any], version: int, digest: str) -> Experiment | None:
    if "experiment" not in told:
        return None
    try:
        found = Experiment.read(json.dumps(told["experiment"]))
    except ConfigurationError as error:
        raise broken_lock(path, f"its experiment is none: {error.what}") from error
    if not any((arm.version, arm.digest) == (version, digest) for arm in found.arms):
        raise broken_lock(path, f"no arm of its experiment is version {version}")
    return found


def broken_lock(path: Path, why: str) -> ConfigurationError:
    """The error of a lock that cannot be used, and what mends it."""
    return ConfigurationError(
        str(path), f"this is no model lock: {why}", "Publish the model again to write it anew."
    )
