"""
What every reader of rows gives: a chunk of rows that the model may be asked, and who may not.

A reader is made for one partition and gives its rows in order, as many at a time as one run of the
model takes. It keeps no more of the object in memory than that.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wherry.batch import texts
from wherry.batch.arrays import plain
from wherry.batch.contract import Refusal

RAW = {b"wherry": b"json"}  # of a column: its texts are JSON, to be written as they are


@dataclass(frozen=True)
class Where:
    """Where rows are: `at` counts from the object's first row, or, if not `counted`, its bytes."""

    at: NDArray[np.int64]
    counted: bool = True

    def refusal(self, place: int, reason: str, id_: Any = None) -> Refusal:
        """Of one of these rows."""
        at = int(self.at[place])
        if self.counted:
            return Refusal(row=at, reason=reason, id=id_)
        return Refusal(byte=at, reason=reason, id=id_)

    def of(self, chosen: Any) -> "Where":
        """Of some of these rows."""
        return Where(self.at[chosen], self.counted)


@dataclass(frozen=True)
class Chunk:
    """
    `table` has a column for each of the model's fields, `kept` those to carry through, the id
    first; both have the rows that `where` tells of.
    """

    table: pa.Table
    kept: pa.Table
    where: Where
    refused: Sequence[Refusal] = ()
    id: str = ""  # which of `kept` it is

    @property
    def rows(self) -> int:
        return len(self.where.at)

    def cut(
        self, rows: int, refused: Sequence[Refusal], shape: Callable[[pa.Table], pa.Table]
    ) -> Iterator["Chunk"]:
        """In pieces of at most so many rows, their tables shaped; the first tells `refused`."""
        for first in range(0, max(self.rows, 1), rows):
            piece = slice(first, first + rows)
            table, kept = self.table.slice(first, rows), self.kept.slice(first, rows)
            told = () if first else refused
            yield Chunk(shape(table), kept, self.where.of(piece), told, self.id)

    def refusals(self, reasons: Mapping[int, str]) -> list[Refusal]:
        """Of rows by their place in it."""
        ids = ids_at(self.kept, self.id, list(reasons))
        return [
            self.where.refusal(place, reason, id_)
            for (place, reason), id_ in zip(reasons.items(), ids, strict=True)
        ]

    def without(self, places: Collection[int], refused: Sequence[Refusal] = ()) -> "Chunk":
        """Its rows but those, which are told as refused."""
        right = np.ones(self.rows, np.bool_)
        right[list(places)] = False
        mask = pa.array(right)
        where = self.where.of(right)
        kept = self.kept.filter(mask) if self.kept.num_columns else self.kept  # else it has no rows
        return Chunk(self.table.filter(mask), kept, where, refused, self.id)


def ids_at(kept: pa.Table, name: str, places: Sequence[int]) -> list[Any]:
    """What the id column says there, where there is one, as JSON has it."""
    if not name:
        return [None] * len(places)
    column = plain(kept[name].take(pa.array(places, pa.int64())))
    told = column if is_raw(kept, name) else texts.json_column(column)
    return [_value(each) for each in told.to_pylist()]


def _value(told: str) -> Any:
    try:
        return msgspec.json.decode(told)
    except (msgspec.DecodeError, RecursionError):  # a number that is none here, and the like
        return told


def is_raw(kept: pa.Table, name: str) -> bool:
    """Whether a column's texts are JSON already."""
    return bool(kept.schema.field(name).metadata == RAW)


def kept_names(id_: str, keep: Sequence[str], there: Sequence[str]) -> list[str]:
    """What is carried through, in order and each once; `*` is all that is there."""
    told = [*([id_] if id_ else []), *keep]
    names = [name for each in told for name in (there if each == "*" else [each])]
    return list(dict.fromkeys(names))
