"""What comes back: outputs by their names, or plain predictions by row, and who gave them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray


class Source(NamedTuple):
    """Who gave so many rows, or the whole, of an answer: `rows` counts those."""

    model: str
    version: str
    release: str
    digest: str
    id: str
    rows: int = 0


class _Sourced:
    """
    Who gave it, as text; of several requests each that differs, once, in order.

    `sources` has one for each request.
    """

    sources: Sequence[Source]

    @property
    def model(self) -> str:
        return self._each("model")

    @property
    def version(self) -> str:
        return self._each("version")

    @property
    def release(self) -> str:
        return self._each("release")

    @property
    def digest(self) -> str:
        return self._each("digest")

    @property
    def id(self) -> str:
        return self._each("id")

    def _each(self, name: str) -> str:
        return ", ".join(dict.fromkeys(getattr(source, name) for source in self.sources))

    def _by(self) -> str:
        return f"model={self.model!r}, version={self.version!r}, release={self.release!r}"


class Prediction(_Sourced, Mapping[str, NDArray[Any]]):
    """The outputs as arrays, each by its name."""

    def __init__(self, outputs: Mapping[str, NDArray[Any]], sources: Sequence[Source]) -> None:
        self.outputs = dict(outputs)
        self.sources = tuple(sources)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.outputs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.outputs)

    def __len__(self) -> int:
        return len(self.outputs)

    def __repr__(self) -> str:
        return f"Prediction({self.outputs!r}, {self._by()})"


class PlainPrediction(_Sourced, Sequence[Any]):
    """One plain prediction, an object, for each row."""

    def __init__(self, rows: Sequence[Any], sources: Sequence[Source]) -> None:
        self.rows = list(rows)
        self.sources = tuple(sources)

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> list[Any]: ...
    def __getitem__(self, at: int | slice) -> Any:
        return self.rows[at]

    def __len__(self) -> int:
        return len(self.rows)

    def __eq__(self, other: object) -> bool:
        """As the list of its rows."""
        return self.rows == (other.rows if isinstance(other, PlainPrediction) else other)

    __hash__ = None  # type: ignore[assignment] # as of a list

    def __repr__(self) -> str:
        return f"PlainPrediction({self.rows!r}, {self._by()})"


def joined(parts: Sequence[Prediction]) -> Prediction:
    """The answers to one part after another, as if to one; theirs are let go one by one."""
    if len(parts) == 1:
        return parts[0]
    names = list(parts[0])
    outputs = {name: np.concatenate([part.outputs.pop(name) for part in parts]) for name in names}
    return Prediction(outputs, _sources(parts))


def joined_rows(parts: Sequence[PlainPrediction]) -> PlainPrediction:
    """The same of plain ones."""
    return PlainPrediction([row for part in parts for row in part.rows], _sources(parts))


def _sources(parts: Iterable[Prediction | PlainPrediction]) -> list[Source]:
    return [source for part in parts for source in part.sources]
