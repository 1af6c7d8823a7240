"""
[source] of a model.toml: a trained model that came as a file, or what train.py needs to learn one.

With `file`, nothing is trained here: the file is opened in the sandbox, by the library of its kind.
Without, `environment` says in which framework's environment train.py runs.
"""

from pathlib import Path
from typing import Any

from pydantic import Field

from models.preparation.sources.environments import Group
from models.preparation.sources.kinds import Kind
from models.preparation.sources.options import Options
from models.preparation.sources.source import Task
from models.preparation.steps.answers import Told
from models.preparation.tables import Strict, table
from wherry.errors import ConfigurationError
from wherry.manifest import Datatype, TensorSpec

OPEN = -1
ROWS = (".csv", ".npz")


class SourceInput(Strict):
    """One of [[source.inputs]]: a tensor that the file does not describe; -1 is an open size."""

    name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")
    datatype: Datatype = "FP32"
    shape: list[int] = Field(default=[], max_length=5)


class SourceTable(Strict):
    """[source]: every path is relative to the model's folder."""

    file: str | None = None
    kind: Kind | None = None
    environment: Group | None = None
    labels: list[Told] | None = Field(default=None, min_length=2)
    inputs: list[SourceInput] = Field(default=[])
    held_out: str | None = None
    target: str | None = None

    def options(self, task: Task) -> Options:
        """What the child is told."""
        labels = None if self.labels is None else tuple(self.labels)
        inputs = tuple(
            TensorSpec(each.name, each.datatype, (OPEN, *each.shape)) for each in self.inputs
        )
        return Options(task=task, labels=labels, inputs=inputs)


def read_source(path: Path, told: dict[str, Any]) -> SourceTable | None:
    """Raise ConfigurationError unless the table says one thing, of files that are there."""
    if "source" not in told:
        return None
    source = table(SourceTable, path, "source", told["source"])
    if source.file is None:
        _check_trained_here(path, source)
        return source
    for key in ("file", "held_out"):
        _check_beside(path, key, getattr(source, key))
    if source.held_out is not None and not source.held_out.endswith(ROWS):
        raise ConfigurationError(
            f"{path}: [source] held_out",
            f"{source.held_out!r} is neither .csv nor .npz",
            "Give rows as CSV with a header line, or as NumPy's .npz.",
        )
    return source


def _check_trained_here(path: Path, source: SourceTable) -> None:
    for key in ("kind", "held_out", "target"):
        if getattr(source, key) is not None:
            raise ConfigurationError(
                f"{path}: [source] {key}",
                "it is about a file, and no file is named",
                'Write file = "…" too, or leave it to train.py.',
            )


def _check_beside(path: Path, key: str, name: str | None) -> None:
    """A file of the model's own folder: what lies elsewhere would not come along."""
    if name is None:
        return
    file = path.parent / name
    if not file.resolve().is_relative_to(path.parent.resolve()):
        raise ConfigurationError(
            f"{path}: [source] {key}", f"{name!r} is outside of the folder", "Copy it there."
        )
    if not file.exists():
        raise ConfigurationError(
            f"{path}: [source] {key}", f"there is no {name!r} in the folder", "Copy it there."
        )
