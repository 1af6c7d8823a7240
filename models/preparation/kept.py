"""
Rows that training keeps for preparation, as plain arrays in one .npz file: never a pickle.

A table, a tensor or a list of texts is `X`; the columns of a data frame with text in it are
`X.<name>` each, [rows, 1]. What is true of each row is `y`. A missing text is the empty one.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[Any]
COLUMN = "X."


@dataclass(frozen=True)
class Kept:
    """`X` is one array, or the columns by name; `y` is None where the truth is not known."""

    X: Rows | Mapping[str, Rows]
    y: Rows | None

    def __len__(self) -> int:
        return len(self.X if isinstance(self.X, np.ndarray) else next(iter(self.X.values())))

    def feeds(self, name: str) -> dict[str, Rows]:
        """By input name; one array is the input `name`."""
        return {name: self.X} if isinstance(self.X, np.ndarray) else dict(self.X)

    def write(self, file: Path) -> None:
        arrays: dict[str, Any] = self._arrays()
        np.savez(file, **arrays)

    def sha256(self) -> str:
        """Of the rows themselves, whatever their layout in memory."""
        digest = hashlib.sha256()
        for name, array in self._arrays().items():
            column = f"{name} " if name.startswith(COLUMN) else ""
            digest.update(f"{column}{array.dtype.str} {array.shape}\n".encode())
            digest.update(array.tobytes())
        return digest.hexdigest()

    def _arrays(self) -> dict[str, Rows]:
        by_name = (
            {"X": self.X}
            if isinstance(self.X, np.ndarray)
            else {f"{COLUMN}{name}": column for name, column in self.X.items()}
        )
        arrays = by_name | ({} if self.y is None else {"y": self.y})
        return {name: plain(array) for name, array in arrays.items()}


def read_kept(file: Path) -> Kept:
    """What `write` wrote."""
    with np.load(file, allow_pickle=False) as told:
        y = told.get("y")
        if "X" in told:
            return Kept(told["X"], y)
        columns = {
            name.removeprefix(COLUMN): told[name] for name in told if name.startswith(COLUMN)
        }
        return Kept(columns, y)


def plain(array: Rows) -> Rows:
    """In C order, and text as characters: an array of Python objects could only be pickled."""
    return np.array(array.tolist()) if array.dtype == object else np.ascontiguousarray(array)


def columns_of(frame: Any) -> dict[str, Rows]:
    """The columns of a pandas data frame, [rows, 1] each."""
    return {str(name): column(frame[name]) for name in frame.columns}


def column(series: Any) -> Rows:
    """One column: numbers as they are, with NaN where one is missing; all else is text."""
    values = series.to_numpy()
    if values.dtype.kind in "fiub":
        return np.asarray(values).reshape(-1, 1)
    missing = series.isna().to_numpy()
    texts = ["" if gone else str(value) for value, gone in zip(values, missing, strict=True)]
    return np.array(texts, np.str_).reshape(-1, 1)
