"""
How far a shadow's answer is from the one that the caller got.

Answers of two versions are hardly ever equal to the bit, so that rows are counted: a row is the
same if everything in it that is no fraction (labels, classes, texts) is equal. Where a model
answers fractions alone, they must be within TOLERANCE, in proportion above 1.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wherry.shadow.events import Outputs

TOLERANCE = 0.01


class Comparison(NamedTuple):
    """
    `difference` is the greatest between two numbers; infinite where only one of them is one.
    `exact` says whether stable answers anything that is no fraction: of fractions alone, a `same`
    is told for people, and says nothing about which release is right.
    """

    rows: int
    same: int
    difference: float
    exact: bool


def compare(stable: Outputs, candidate: Outputs) -> Comparison:
    """Row by row; where the two have other outputs or shapes, no row is the same."""
    rows = max((_rows(array) for array in stable.values()), default=0)
    is_exact = any(array.dtype.kind != "f" for array in stable.values())
    if {name: array.shape for name, array in stable.items()} != {
        name: array.shape for name, array in candidate.items()
    }:
        return Comparison(rows, 0, np.inf, is_exact)
    pairs = [(stable[name], candidate[name]) for name in stable]
    fractions = [pair for pair in pairs if _is_fraction(*pair)]
    exact = [pair for pair in pairs if not _is_fraction(*pair)]
    gaps = [_gap(*pair) for pair in fractions]
    same = np.ones(rows, dtype=bool)
    for one, other in exact:
        same &= _by_row(one == other, rows)
    if not exact:
        for gap, (one, _) in zip(gaps, fractions, strict=True):
            same &= _by_row(gap <= _allowed(one), rows)
    worst = float(max((gap.max(initial=0) for gap in gaps), default=0))
    return Comparison(rows, int(same.sum()), worst, is_exact)


def _is_fraction(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return one.dtype.kind == other.dtype.kind == "f"


def _allowed(one: NDArray[Any]) -> NDArray[Any]:
    size = np.abs(one.astype(np.float64))
    return np.where(np.isfinite(size), TOLERANCE * np.maximum(1, size), 0.0)


def _gap(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """Two NaN are alike; a NaN and a number are not."""
    first, second = one.astype(np.float64), other.astype(np.float64)
    with np.errstate(invalid="ignore"):
        gap = np.abs(first - second)
    alike = (first == second) | (np.isnan(first) & np.isnan(second))
    return np.where(alike, 0.0, np.where(np.isnan(gap), np.inf, gap))


def _by_row(agree: NDArray[Any], rows: int) -> NDArray[Any]:
    return np.all(agree.reshape(rows, -1), axis=1) if rows else np.ones(0, dtype=bool)


def _rows(array: NDArray[Any]) -> int:
    return array.shape[0] if array.ndim else 1
