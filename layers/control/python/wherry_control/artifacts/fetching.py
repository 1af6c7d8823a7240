"""
Fetch: the verified files of a model version into a folder, all of them or none.

They are written beside it and appear under its name in one step, so that a command that is killed
leaves no half of them. It refuses to write into a folder that has anything in it.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from wherry.artifact import Artifact
from wherry.errors import IntegrityError, UsageError


def check_free(folder: Path) -> None:
    """Raise UsageError if there is something that would be overwritten."""
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists() or folder.is_symlink():
        raise UsageError(str(folder), "it is there already", "Name a folder that does not exist.")


def fetch(artifact: Artifact, folder: Path, finish: Callable[[Path], None] | None = None) -> None:
    """Write every file; `finish` may add to the folder before it gets its name."""
    if not artifact.is_complete:
        raise IntegrityError(artifact.digest, "some of its files are missing")
    check_free(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    draft = scratch / folder.name  # whoever signs a folder puts its name into the signature
    try:
        draft.mkdir()
        for name, data in artifact.files.items():
            _write(draft / name, data)
        if finish is not None:
            finish(draft)
        _take_name(draft, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _take_name(draft: Path, folder: Path) -> None:
    try:
        draft.rename(folder)
    except OSError as error:
        what = "somebody else wrote it meanwhile"
        raise UsageError(str(folder), what, "Name a folder that does not exist.") from error


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
