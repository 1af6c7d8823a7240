"""
A bundle: named files, and how they reach a folder: all of them at once, or none.

They are written beside the folder and moved there in one step, so that a killed command leaves no
half of a bundle. A folder that is there already is never touched.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wherry.artifact import Artifact
from wherry.errors import UsageError
from wherry.manifest import GOLDEN, MANIFEST, MODEL
from wherry.pipeline.spec import TokenizeStep

CARRIED = frozenset({MANIFEST, MODEL, GOLDEN, "CARD.md"})  # of the files of an artifact
NOT_CARRIED = frozenset({"BF16"})  # NumPy and JavaScript have no such arrays


@dataclass(frozen=True)
class Bundle:
    """`files` by their paths in the bundle; `notes` is what a person should know of it."""

    model: str
    digest: str
    files: Mapping[str, bytes]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class BundledFile:
    """A file of a bundle; `path` is relative to the bundle."""

    path: str
    bytes: int


@dataclass(frozen=True)
class Bundled:
    """A bundle in its folder; `written` is False after a dry run."""

    model: str
    version: int
    digest: str
    folder: Path
    files: tuple[BundledFile, ...]
    notes: tuple[str, ...]
    written: bool

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


def check_new(folder: Path) -> None:
    """Raise UsageError if there is something at `folder` already."""
    if folder.exists() or folder.is_symlink():
        raise UsageError(
            str(folder), "it is there already", "Remove it, or name another folder with --to."
        )


def check_can_be_bundled(artifact: Artifact) -> None:
    """Raise UsageError, with what to do instead, for a model that a bundle cannot run."""
    manifest = artifact.manifest
    where, instead = f"model {manifest.model}", f"Run `wherry serve {manifest.model}` there instead"
    if manifest.pipeline is not None:
        steps = manifest.pipeline.steps
        texts = any(isinstance(step, TokenizeStep) for step in steps)
        why = "its text is tokenized before its graph" if texts else f"it is {len(steps)} steps"
        or_else = "." if texts else ", or bundle its parts."
        raise UsageError(where, f"{why}, and a bundle runs one graph", f"{instead}{or_else}")
    for spec in (*manifest.inputs, *manifest.outputs):
        if spec.datatype in NOT_CARRIED:
            raise UsageError(
                where,
                f"{spec.name!r} is {spec.datatype}, which a bundle cannot carry",
                f"{instead}.",
            )


def write(bundle: Bundle, folder: Path) -> None:
    """Write the bundle into a new folder; UsageError if it is not new, or cannot be made."""
    check_new(folder)
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        for path, data in bundle.files.items():
            file = draft / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        check_new(folder)
        draft.rename(folder)
    except OSError as error:
        why = f"it cannot be written ({error.strerror})"
        raise UsageError(str(folder), why, "Name another folder with --to.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def bundled(bundle: Bundle, folder: Path, version: int, *, written: bool) -> Bundled:
    """What a command tells of it, the largest file first."""
    sizes = [BundledFile(path, len(data)) for path, data in bundle.files.items()]
    files = tuple(sorted(sizes, key=lambda file: (-file.bytes, file.path)))
    return Bundled(
        bundle.model, version, bundle.digest, folder, files, bundle.notes, written=written
    )
