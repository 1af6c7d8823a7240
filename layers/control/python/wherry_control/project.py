"""
Where things are in a checkout: model folders, locks, build folders, the default store.

One place knows these paths, so that a command can be run from any folder below the root. It reads
names only; what a model folder holds is for `models.preparation` to judge.
"""

import difflib
from dataclasses import dataclass
from pathlib import Path

from wherry.errors import UsageError

MARKERS = ("cdk.json", "pyproject.toml")


@dataclass(frozen=True)
class Project:
    """A checkout of Wherry, or of a project made from it."""

    root: Path

    @classmethod
    def find(cls, start: Path) -> "Project":
        """Raise UsageError if neither `start` nor a folder above it is a checkout."""
        for folder in (start.resolve(), *start.resolve().parents):
            if (folder / "models").is_dir() and any((folder / name).is_file() for name in MARKERS):
                return cls(folder)
        raise UsageError(
            str(start), "this is no Wherry project (no models/ beside cdk.json)", "cd into one."
        )

    @property
    def state(self) -> Path:
        """Everything that commands write and nobody commits."""
        return self.root / ".wherry"

    @property
    def store(self) -> Path:
        """The model store that is used when neither --store nor --target names one."""
        return self.state / "store"

    @property
    def local(self) -> Path:
        """The folder of the local AWS."""
        return self.state / "local"

    def models(self) -> list[str]:
        """The names of all models, sorted."""
        return sorted(file.parent.name for file in self.root.glob("models/*/model.toml"))

    def model_folder(self, name: str) -> Path:
        """Raise UsageError, naming the models that exist, if there is no such model."""
        known = self.models()
        if name in known:
            return self.root / "models" / name
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {close[0]}? " if close else ""
        told = f"The models here are: {', '.join(known)}." if known else "Run `wherry new` first."
        raise UsageError("models/", f"there is no model {name!r}", hint + told)
