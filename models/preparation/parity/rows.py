"""
The rows that parity is tried on: real ones, and ones made to make the converted model fail.

Each set says what it is, and whether it is *gated*: a difference there refuses the model. Numbers
beyond what sums of float32 hold (infinite, huge, tiny) are gated of trees alone, which compare and
do not add; elsewhere they are told. The same model, rows and seed give the same sets.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.parity.asking import picked, rows_of
from models.preparation.parity.ordinary import MOST_NUMBERS
from models.preparation.parity.trees import Trees, threshold_rows
from models.preparation.sources.source import Values
from wherry.protocol.datatypes import TO_NUMPY

Rows = NDArray[Any]
Spots = list[tuple[str, int | None]]  # an input and a column of it; None: all of it
HELD_OUT, THRESHOLDS = "held-out", "thresholds"
NAN, ZEROS, EXTREMES = "NaN", "zeros", "extremes"
KNOWN, UNSEEN, MIXED = "known categories", "unseen categories", "mixed"
NEIGHBOURS = "neighbours"
MOST_THRESHOLDS = 20_000
MOST_COLUMNS, MOST_CATEGORIES, MOST_MIXED = 100, 200, 800
MOST_NEIGHBOURS = 4_000
ENDS = 5  # extreme numbers of a column
STRANGERS = ("", "unseen", "☃ unseen", "x" * 300)


@dataclass(frozen=True)
class RowSet:
    """`of` is how many such rows there are in all, where these are a draw."""

    name: str
    what: str
    feeds: Values
    gated: bool = True
    of: int = 0


@dataclass(frozen=True)
class Plan:
    """
    What the sets are made of: `base` are ordinary rows (at least one), by input; `trees` those that
    take the client's columns; `words` what the model knows of text; `exact` whether it compares
    numbers and adds none; `nearest` whether it picks the nearest of many.
    """

    base: Values
    trees: list[Trees]
    words: tuple[str, ...]
    exact: bool
    seed: int
    nearest: bool = False


def adversarial(plan: Plan) -> Iterator[RowSet]:
    """Every set but that of the held-out rows."""
    random = np.random.default_rng(plan.seed)
    yield _mixed(plan, random)
    if plan.nearest:
        yield _neighbours(plan, random)
    if plan.trees:
        width = sum(values[0].size for values in plan.base.values())
        most = min(MOST_THRESHOLDS, max(3, MOST_NUMBERS // width))
        feeds, whole = threshold_rows(plan.trees, plan.base, most, random)
        told = "every threshold of the trees, and a float32 step to each side"
        if whole:
            yield RowSet(THRESHOLDS, told, feeds, of=whole)
    spots = _spots(plan.base, "f", random)
    if spots:
        yield RowSet(NAN, "NaN in each column, and in all", _put(plan.base, spots, [np.nan]))
    yield RowSet(ZEROS, "0 in each column, and in all", _zeros(plan, random))
    extremes = list(_extremes(plan, random))
    if extremes:
        feeds = {name: np.concatenate([each[name] for each in extremes]) for name in plan.base}
        told = "infinite, largest and tiniest numbers in each column, and in all"
        yield RowSet(EXTREMES, told, feeds, gated=plan.exact)
    yield from _categories(plan)


def sent(rows: Values, datatypes: Mapping[str, str]) -> dict[str, Rows]:
    """Rows in the datatypes that a client sends."""
    with np.errstate(over="ignore"):
        return {
            name: np.ascontiguousarray(
                values, object if datatypes[name] == "BYTES" else TO_NUMPY[datatypes[name]]
            )
            for name, values in rows.items()
        }


def _mixed(plan: Plan, random: np.random.Generator) -> RowSet:
    """In equal parts what `_moved` says; of texts only other rows' columns."""
    width = max(values[0].size for values in plan.base.values())
    part = max(1, min(MOST_MIXED, MOST_NUMBERS // max(1, width)) // 4)
    feeds = {}
    for name, values in plan.base.items():
        flat = values.reshape(len(values), -1)
        picks = random.integers(0, len(flat), (4 * part, flat.shape[1]))
        mixed = np.take_along_axis(flat, picks, axis=0)
        if mixed.dtype.kind == "f":
            mixed = _moved(flat.astype(np.float64), mixed.astype(np.float64), part, random)
        feeds[name] = mixed.astype(values.dtype).reshape(4 * part, *values.shape[1:])
    told = "columns of different rows, as they are and a little off; rows blended; even spreads"
    return RowSet(MIXED, told, feeds)


def _neighbours(plan: Plan, random: np.random.Generator) -> RowSet:
    """Where distances are equal, or nearly so, who is nearest is decided by the last digit."""
    width = max(values[0].size for values in plan.base.values())
    count = max(1, min(MOST_NEIGHBOURS, MOST_NUMBERS // max(1, width)))
    feeds = picked(plan.base, random.integers(0, rows_of(plan.base), count))
    for values in feeds.values():
        flat = values.reshape(count, -1)
        columns = random.integers(0, flat.shape[1], count)
        rows = np.arange(count)
        flat[rows, columns] = flat[random.permutation(count), columns]
    return RowSet(NEIGHBOURS, "real rows with a column of another one: ties of distance", feeds)


def _moved(flat: Rows, mixed: Rows, part: int, random: np.random.Generator) -> Rows:
    """
    Columns of different rows, the same a little off, two rows blended, and numbers spread evenly
    between each column's least and greatest. Columns that hold whole numbers alone keep doing so.
    """
    with np.errstate(all="ignore"):
        spread = np.nan_to_num(np.nanstd(flat, axis=0), posinf=0)
        whole = (np.isnan(flat) | (flat == np.rint(flat))).all(axis=0)
        one, other = (flat[random.integers(0, len(flat), part)] for _ in range(2))
        weight = random.uniform(0, 1, (part, 1))
        ends = np.nan_to_num(np.stack([np.fmin.reduce(flat), np.fmax.reduce(flat)]))
        off = mixed[part : 2 * part] + random.normal(0, 0.05, (part, flat.shape[1])) * spread
        even = ends[0] + random.uniform(0, 1, off.shape) * (ends[1] - ends[0])
        blended = weight * one + (1 - weight) * other
        moved = np.concatenate([mixed[:part], off, blended, even])
    return np.where(whole, np.rint(moved), moved)


def _spots(base: Values, kinds: str, random: np.random.Generator) -> Spots:
    """Each column of inputs of such kinds, and each input whole; some of them, where many."""
    spots: Spots = []
    for name, values in base.items():
        if values.dtype.kind in kinds:
            width = values[0].size
            most = min(MOST_COLUMNS, max(1, MOST_NUMBERS // (ENDS * width)))
            drawn = random.choice(width, min(most, width), replace=False)
            spots += [(name, None), *((name, column) for column in np.sort(drawn).tolist())]
    return spots


def _put(base: Values, spots: Spots, values: list[Any]) -> dict[str, Rows]:
    """Ordinary rows, one for each spot and value, with the value in the spot."""
    count = len(spots) * len(values)
    feeds = picked(base, np.arange(count) % rows_of(base))
    for row in range(count):
        name, column = spots[row % len(spots)]
        flat = feeds[name].reshape(count, -1)
        flat[row, slice(None) if column is None else column] = values[row // len(spots)]
    return feeds


def _zeros(plan: Plan, random: np.random.Generator) -> dict[str, Rows]:
    numbers = _spots(plan.base, "fiub", random)
    last = picked(plan.base, np.arange(1))  # a copy, as a slice is not
    whole = _put(plan.base, numbers, [0]) if numbers else picked(plan.base, np.arange(0))
    for values in last.values():
        if values.dtype.kind != "O":  # texts have sets of their own
            values[...] = 0
    return {name: np.concatenate([whole[name], last[name]]) for name in plan.base}


def _extremes(plan: Plan, random: np.random.Generator) -> Iterator[dict[str, Rows]]:
    for name, values in plan.base.items():
        spots = _spots({name: values}, "fiu", random)
        if not spots:
            continue
        if values.dtype.kind == "f":
            limits = np.finfo(values.dtype)
            ends = [limits.max, -limits.max, limits.smallest_subnormal, np.inf, -np.inf]
        else:
            whole = np.iinfo(values.dtype)
            ends = [whole.min, whole.max]
        yield _put(plan.base, spots, ends)


def _categories(plan: Plan) -> Iterator[RowSet]:
    texts = [name for name, values in plan.base.items() if values.dtype.kind == "O"]
    if not texts:
        return
    known: list[dict[str, Rows]] = []
    unseen: list[dict[str, Rows]] = []
    for name in texts:
        flat = plan.base[name].reshape(len(plan.base[name]), -1)
        for column in range(flat.shape[1]):
            seen = sorted({*map(str, flat[:, column])} | {*plan.words} - {""})[:MOST_CATEGORIES]
            known.append(_put(plan.base, [(name, column)], seen))
            odd = [*STRANGERS, *(each.swapcase() for each in seen[:3])]
            unseen.append(_put(plan.base, [(name, column)], odd))
    for title, what, parts in (
        (KNOWN, "each known text in each column of text", known),
        (UNSEEN, "unknown, empty and long texts in each column of text", unseen),
    ):
        yield RowSet(
            title,
            what,
            {name: np.concatenate([each[name] for each in parts]) for name in plan.base},
        )
