"""
Which globals a pickle asks for, told without making anything, and whether each is allowed.

It reads pickles of every protocol, and joblib's with their arrays inside. It does not open what it
passed: `opening` does, in a child.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from models.preparation.untrusted import arrays, skops_files
from models.preparation.untrusted.allowed import ALLOWED, present
from models.preparation.untrusted.machine import Machine, UnreadableError
from models.preparation.untrusted.packed import unpacked
from models.preparation.untrusted.refusals import refusal
from models.preparation.untrusted.values import Made, Mapping, Named
from wherry.errors import UnsafeError

ZIP = b"PK\x03\x04"
OTHERWISE = "Save the model with skops or as ONNX, or give Wherry its train.py."


@dataclass(frozen=True)
class Scan:
    """`globals` as `module.name`, sorted; `libraries` are the packages that they belong to."""

    globals: tuple[str, ...]

    @property
    def libraries(self) -> frozenset[str]:
        return frozenset(name.partition(".")[0].lstrip("_") for name in self.globals)


def scan(path: Path) -> Scan:
    """Raise UnsafeError, by name, for the first global that is not allowed."""
    with path.open("rb") as file:
        start = file.read(len(ZIP))
    if start == ZIP:
        return Scan(tuple(sorted(skops_files.scanned(path))))
    with unpacked(path) as stream:
        return Scan(tuple(sorted(_Pickles(path, stream).read())))


class _Pickles:
    def __init__(self, path: Path, stream: BinaryIO) -> None:
        self._path, self._stream = path, stream
        self._found: set[str] = set()
        self._count = 0

    def read(self) -> set[str]:
        try:
            self._one()
            self._nothing_more()
        except (UnreadableError, RecursionError) as error:
            what = str(error) if isinstance(error, UnreadableError) else "it is nested too deeply"
            raise UnsafeError(self._path.name, what, OTHERWISE) from error
        return self._found

    def _one(self) -> None:
        machine = Machine(self._stream, self._allow, self._built, self._count)
        machine.run()
        self._count = machine.count

    def _nothing_more(self) -> None:
        """What follows is refused in any case; first by name, if it is a pickle that has one."""
        if self._stream.read(1):
            self._stream.seek(-1, 1)
            self._one()
            raise UnreadableError("a second pickle follows the first")

    def _allow(self, named: Named) -> None:
        module, name = now = present((named.module, named.name))
        if now not in ALLOWED:
            raise refusal(self._path, named.module, named.name)
        self._found.add(f"{module}.{name}")

    def _built(self, made: Made) -> None:
        if not _is_wrapper(made):
            return
        if not isinstance(made.state, Mapping):
            raise UnreadableError("it holds an array that is not described")
        if not arrays.step_over(self._stream, made.state):
            self._one()


def _is_wrapper(made: Made) -> bool:
    maker = made.maker
    return isinstance(maker, Named) and present((maker.module, maker.name)) == (
        arrays.WRAPPER.module,
        arrays.WRAPPER.name,
    )
