"""
Make the object that a file holds: only in a child, and only of names that are allowed.

The scan refused the rest before; here the same list is asked again, name by name, while the file is
read. Neither trusts the other.
"""

import importlib
import pickle
from pathlib import Path
from typing import Any, BinaryIO

from models.preparation.sandbox.confine import confined
from models.preparation.untrusted import skops_files
from models.preparation.untrusted.allowed import ALLOWED, present
from models.preparation.untrusted.packed import unpacked
from models.preparation.untrusted.refusals import refusal
from models.preparation.untrusted.scanning import ZIP, scan
from wherry.errors import ToolError, UnsafeError


def opened(path: Path) -> Any:
    """Scan, then load; UnsafeError before anything is made, ToolError outside a child."""
    scan(path)
    return load(path)


def load(path: Path) -> Any:
    """The object; its names are judged as they come."""
    if not confined():
        raise ToolError(path.name, "a pickle is opened in a child alone", "Ask a `Child` to do it.")
    with path.open("rb") as file:
        start = file.read(len(ZIP))
    if start == ZIP:
        return skops_files.load(path)
    with unpacked(path) as stream:
        return _Unpickler(path, stream).load()


class _Unpickler(pickle._Unpickler):  # noqa: SLF001 - the one that can be extended; joblib does
    """pickle's own, with exact names, and with joblib's arrays in the stream."""

    dispatch = pickle._Unpickler.dispatch.copy()  # noqa: SLF001

    def __init__(self, path: Path, stream: BinaryIO) -> None:
        super().__init__(stream)
        self._path, self._stream = path, stream
        self._found: list[Any] = []

    def find_class(self, module: str, name: str) -> Any:
        now = present((module, name))
        if now not in ALLOWED:
            raise refusal(self._path, module, name)
        found = getattr(importlib.import_module(now[0]), now[1])
        if not any(found is each for each in self._found):
            self._found.append(found)
        return found

    def load_reduce(self) -> None:
        self._named(-2)
        super().load_reduce()  # type: ignore[misc] # see load_build

    dispatch[pickle.REDUCE[0]] = load_reduce  # type: ignore[assignment]

    def load_newobj(self) -> None:
        self._named(-2)
        super().load_newobj()  # type: ignore[misc]

    dispatch[pickle.NEWOBJ[0]] = load_newobj  # type: ignore[assignment]

    def load_newobj_ex(self) -> None:
        self._named(-3)
        super().load_newobj_ex()  # type: ignore[misc]

    dispatch[pickle.NEWOBJ_EX[0]] = load_newobj_ex  # type: ignore[assignment]

    def load_obj(self) -> None:
        self._named(0)
        super().load_obj()  # type: ignore[misc]

    dispatch[pickle.OBJ[0]] = load_obj  # type: ignore[assignment]

    def _named(self, at: int) -> None:
        """What is called was got by its name: an object that is made can be callable too."""
        if not any(self._values()[at] is each for each in self._found):
            raise UnsafeError(self._path.name, "it calls what is no name")

    def load_build(self) -> None:
        from joblib.numpy_pickle import NumpyArrayWrapper

        if any(self._values()[-2] is each for each in self._found):
            raise UnsafeError(self._path.name, "it sets the state of what it did not make")
        super().load_build()  # type: ignore[misc] # typeshed leaves these out, as `stack`
        if isinstance((stack := self._values())[-1], NumpyArrayWrapper):
            stack.append(self._array(stack.pop()))

    dispatch[pickle.BUILD[0]] = load_build  # type: ignore[assignment] # it is called with self

    def _values(self) -> list[Any]:
        return self.stack  # type: ignore[attr-defined,no-any-return] # see above

    def persistent_load(self, pid: Any) -> Any:
        raise UnsafeError(self._path.name, f"it needs a persistent id ({type(pid).__name__})")

    def get_extension(self, code: int) -> Any:
        raise UnsafeError(self._path.name, f"it needs number {code} of the extension registry")

    def _array(self, described: Any) -> Any:
        if described.dtype.hasobject:
            return _Unpickler(self._path, self._stream).load()
        return described.read_array(self, ensure_native_byte_order=False)

    @property
    def np(self) -> Any:
        """What joblib's `read_array` asks of an unpickler, with `file_handle`."""
        import numpy as np

        return np

    @property
    def file_handle(self) -> BinaryIO:
        return self._stream
