"""
A trained model in a child: opened by the library of its kind, in the environment of that library.

The file is copied first, and the child sees the copy alone. Of a pickle a first child tells which
libraries it names; where those are not in its own environment, a second one opens it.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from numpy.typing import NDArray

from models.preparation.sandbox import Child, Limits
from models.preparation.sources.crossing import (
    ANSWERS,
    FEEDS,
    MODEL,
    read_arrays,
    read_model,
    write_arrays,
)
from models.preparation.sources.environments import Group, python_of
from models.preparation.sources.kinds import Kind, group_of, kind_of
from models.preparation.sources.options import Options
from models.preparation.sources.source import Facts, Values
from models.preparation.untrusted.onnx_files import checked
from wherry.errors import UnsafeError, WherryError

WORKER = "models.preparation.sources.worker"
GIVEN = "given"  # a folder of its own: a file beside the child's modules could stand for one


class RemoteSource:
    """What `opened_file` yields: a Source that a child holds."""

    def __init__(self, child: Child, facts: Facts) -> None:
        self._child = child
        self.facts = facts

    def convert(self) -> bytes:
        """See Source."""
        self._child.ask("convert")
        data = read_model(self._child.folder / MODEL)
        checked(data)  # it is loaded in this process, and a child can write anything
        return data

    def answer(self, feeds: Values) -> dict[str, NDArray[Any]]:
        """See Source."""
        names = write_arrays(self._child.folder / FEEDS, feeds)
        told = _as(_Answered, self._child.ask("answer", names=names))
        return read_arrays(self._child.folder / ANSWERS, told.names)


Told = TypeVar("Told")


class _Opened(msgspec.Struct):
    facts: Facts


class _Answered(msgspec.Struct):
    names: list[str]


class _Scanned(msgspec.Struct):
    libraries: list[str]


def _as(kind: type[Told], told: dict[str, Any]) -> Told:
    """What a child said, if it is of its kind and text that can be written."""
    try:
        msgspec.json.encode(told)
        return msgspec.convert(told, kind)
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        raise UnsafeError("the model", "what came from the child is no answer") from error


@contextmanager
def opened_file(
    path: Path,
    kind: Kind | None = None,
    options: Options | None = None,
    limits: Limits | None = None,
) -> Iterator[RemoteSource]:
    """
    A file's or a folder's model, for as long as the context lasts; `kind` None: told by the file.

    Raise ToolError if the environment is missing, UnsafeError if the file could do harm, and
    ConfigurationError if it is no model of its kind.
    """
    kind = kind or kind_of(path)
    asked = {"kind": kind, "options": (options or Options()).told()}
    group = group_of(kind)
    if kind == "sklearn":
        with _child(path, None, limits) as (child, copy), _named(path, copy):
            group = group_of(kind, _as(_Scanned, child.ask("scan", path=copy)).libraries)
            if group is None:
                yield _opened(child, path=copy, **asked)
                return
    with _child(path, group, limits) as (child, copy), _named(path, copy):
        yield _opened(child, path=copy, **asked)


def _opened(child: Child, **asked: Any) -> RemoteSource:
    return RemoteSource(child, _as(_Opened, child.ask("open", **asked)).facts)


@contextmanager
def _child(path: Path, group: Group | None, limits: Limits | None) -> Iterator[tuple[Child, str]]:
    """A child, and what the copy of the file is called in its folder."""
    python = python_of(group)
    with tempfile.TemporaryDirectory(prefix="wherry-source-") as name:
        folder = Path(name)
        copy = Path(GIVEN) / path.name
        _copy(path, folder / copy)
        with Child(WORKER, folder=folder, python=python, limits=limits) as child:
            yield child, str(copy)


def _copy(path: Path, to: Path) -> None:
    to.parent.mkdir()
    if not path.is_dir():
        shutil.copyfile(path, to)
        return
    for each in path.rglob("*"):
        if each.is_symlink():
            raise UnsafeError(str(each), "a link in a model's folder", "Put the file itself there.")
    shutil.copytree(path, to)


@contextmanager
def _named(path: Path, copy: str) -> Iterator[None]:
    """An error of the copy is told of the file that was given."""
    try:
        yield
    except WherryError as error:
        where = str(path) if error.where in {copy, "the model", "the model's file"} else error.where
        raise type(error)(where, error.what, error.todo) from error
