"""
How two ways to the same answers differ, row by row.

Numbers are compared as the gates say; text and whole numbers are the same or not. Answers that are
not finite are the same if both are the same one. A row that one of the two refuses has no answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.convert import LABEL, PROBABILITIES
from models.preparation.parity.gates import Gates
from models.preparation.sources.outputs import SCORES
from wherry.errors import ParityError

Rows = NDArray[Any]
Answers = Mapping[str, Rows]


@dataclass(frozen=True)
class Differences:
    """
    One entry a row. `error` is the largest one, absolute up to 1 and in proportion above;
    `relative` that of numbers that are not nearly 0; `same` whether all that is no fraction is
    equal; `tie` whether another label is as good; `over` whether a number is beyond the gate;
    `finite` whether the trained model gives numbers at all.
    """

    error: Rows
    relative: Rows
    same: NDArray[np.bool_]
    tie: NDArray[np.bool_]
    over: NDArray[np.bool_]
    finite: NDArray[np.bool_]

    @property
    def flipped(self) -> NDArray[np.bool_]:
        return ~self.same & ~self.tie

    @property
    def wrong(self) -> NDArray[np.bool_]:
        return self.flipped | self.over

    def worst_first(self) -> Rows:
        """Rows from the worst on: a wrong label is worse than any error."""
        return np.lexsort((-self.error, ~self.wrong, ~self.flipped))

    def only(self, kept: NDArray[np.bool_]) -> "Differences":
        return Differences(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))


def differences(wanted: Answers, found: Answers, gates: Gates) -> Differences:
    """Raise ParityError where an output is missing, or has another shape."""
    rows = len(next(iter(wanted.values())))
    error, relative = np.zeros(rows), np.zeros(rows)
    same, over, finite = np.ones(rows, np.bool_), np.zeros(rows, np.bool_), np.ones(rows, np.bool_)
    for name, exact in wanted.items():
        told = _like(name, exact, found)
        if exact.dtype.kind != "f":
            same &= _equal(exact, told)
            continue
        numbers, told = exact.reshape(rows, -1).astype(np.float64), told.reshape(rows, -1)
        away = _away(numbers, told.astype(np.float64))
        size = np.abs(numbers)
        if name == SCORES:  # they are held against each other, so the row's largest counts
            size = np.broadcast_to(size.max(axis=1, keepdims=True), size.shape)
        error = np.maximum(error, _most(away / np.maximum(1, np.where(np.isfinite(size), size, 1))))
        with np.errstate(invalid="ignore", divide="ignore"):
            parts = np.where((size > gates.atol) & np.isfinite(size), away / size, 0)
            over |= (away > gates.allowed(np.where(np.isfinite(size), size, 0))).any(axis=1)
        relative = np.maximum(relative, _most(parts))
        finite &= np.isfinite(numbers).all(axis=1)
    return Differences(error, relative, same, _ties(wanted, rows, gates), over, finite)


def joined(parts: list[Differences]) -> Differences:
    """Of several sets of rows, in order."""
    names = Differences.__dataclass_fields__
    return Differences(*(np.concatenate([getattr(each, name) for each in parts]) for name in names))


def _like(name: str, exact: Rows, found: Answers) -> Rows:
    if name not in found:
        raise ParityError(
            name, f"the converted model has no such output; it has {', '.join(found)}"
        )
    told = found[name]
    if len(told) != len(exact) or told.size != exact.size:
        raise ParityError(
            name,
            f"the converted model answers {list(told.shape)}, the trained one {list(exact.shape)}",
            "Say in [source] what the model answers, or choose another estimator.",
        )
    return told


def _equal(exact: Rows, told: Rows) -> NDArray[np.bool_]:
    rows = len(exact)
    one, other = (np.asarray([*each.ravel().tolist(), None], object)[:-1] for each in (exact, told))
    return np.asarray((one == other).reshape(rows, -1).all(axis=1), np.bool_)


def _away(exact: Rows, told: Rows) -> Rows:
    """How far off; 0 of the same infinity or of two NaN, infinite where only one is finite."""
    alike = (exact == told) | (np.isnan(exact) & np.isnan(told))
    with np.errstate(invalid="ignore", over="ignore"):
        away = np.where(alike, 0, np.abs(exact - told))
    return np.asarray(np.where(np.isnan(away), np.inf, away))


def _most(values: Rows) -> Rows:
    return np.asarray(values.max(axis=1, initial=0))


def _ties(wanted: Answers, rows: int, gates: Gates) -> NDArray[np.bool_]:
    """Where the two largest probabilities are as good as equal."""
    numbers = wanted.get(PROBABILITIES, wanted.get(SCORES))
    if LABEL not in wanted or numbers is None or numbers.shape[-1] < 2:  # noqa: PLR2004 - two of them
        return np.zeros(rows, np.bool_)
    second, first = np.sort(numbers.reshape(rows, -1), axis=1)[:, -2:].T
    return np.asarray(first - second <= gates.tie * np.maximum(1, np.abs(first)), np.bool_)
