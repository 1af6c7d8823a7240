"""
How many rows a text has, told by where its lines end, and not by whoever reads its values.

So two who know nothing of each other count every row of a part: this, as the bytes pass by, and
the reader, by what it hands on. A row that one of them lost or made up shows as a difference. It
counts for the cutter too. It does not guess: where a carriage return by itself may end rows of CSV,
it says that it cannot tell.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wherry.batch.blocks import (
    NEWLINE,
    QUOTE,
    RETURN,
    Block,
    csv_ends,
    last_line_end,
    read_records,
    well_quoted,
)

_BLANK = b" \t\r\n"
_NONE = np.empty(0, np.intp)


class Ends(NamedTuple):
    """Where lines, or records, end; `filled` are those which are rows, and not blank."""

    at: NDArray[np.intp]
    filled: NDArray[np.bool_]


Count = Callable[[bytes], int | None]  # None: it cannot be told


class Counted:
    """Blocks as they pass by on their way to a reader, and how many rows they had."""

    def __init__(self, blocks: Iterator[Block], count: Count) -> None:
        self._blocks, self._count = blocks, count
        self._rows: int | None = 0

    def __iter__(self) -> Iterator[Block]:
        for block in self._blocks:
            if self._rows is not None:
                rows = self._count(block.data)
                self._rows = None if rows is None else self._rows + rows
            yield block

    def rows(self) -> int | None:
        """Of all blocks, those too that nobody has asked for; None where it cannot be told."""
        for _ in self:
            pass
        return self._rows


def count_lines(data: bytes) -> int:
    """Lines that are not blank."""
    if not data:
        return 0
    rows = _count_plainly(data, ord(" "))
    return int(line_ends(data).filled.sum()) if rows is None else rows


class Records:
    """
    Records of CSV: `end` tells who reads blocks where the last one ends, and `count` how many there
    are in what came of it, which need not be looked for again.
    """

    def __init__(self) -> None:
        self._ends = _NONE

    def end(self, data: bytes) -> int:
        """How much of it is whole records."""
        if b'"' not in data:
            return last_line_end(data)
        self._ends = csv_ends(data)
        return int(self._ends[-1]) if len(self._ends) else 0

    def count(self, data: bytes) -> int | None:
        """Those that are not blank; None where that cannot be told."""
        ends, self._ends = self._ends, _NONE  # they are of this block, and of no other
        if not data:
            return 0
        if not tells_rows(data):
            return None
        rows = None if b'"' in data else _count_plainly(data, RETURN)
        if rows is not None:
            return rows
        is_known = len(ends) and ends[-1] == len(data)
        return int(_records(data, ends if is_known else csv_ends(data)).filled.sum())


def tells_rows(data: bytes) -> bool:
    """Whether no carriage return stands by itself, but within quotes: it may end rows of CSV."""
    if b"\r" not in data or data.count(b"\r") == data.count(b"\r\n"):
        return True
    whole = np.frombuffer(data, np.uint8)
    alone = np.flatnonzero((whole == RETURN) & (np.append(whole[1:], 0) != NEWLINE))
    within = np.searchsorted(np.flatnonzero(whole == QUOTE), alone) % 2
    return bool(within.all()) and well_quoted(whole)


def line_ends(data: bytes) -> Ends:
    """Of whole lines; the last may have no newline."""
    whole = np.frombuffer(data, np.uint8)
    ends = _with_last(np.flatnonzero(whole == NEWLINE) + 1, data)
    starts = _starts(ends)
    filled = np.ones(len(ends), np.bool_)
    for place in np.flatnonzero(np.isin(whole[starts], list(_BLANK))):
        filled[place] = bool(data[starts[place] : ends[place]].strip(_BLANK))
    return Ends(ends, filled)


def record_ends(data: bytes) -> Ends:
    """Of whole records of CSV, also those that end with a carriage return; the last may be open."""
    if tells_rows(data):
        return _records(data, csv_ends(data))
    told = list(read_records(data))
    ends = _with_last(np.array([end for end, _ in told], np.intp), data)
    filled = np.ones(len(ends), np.bool_)
    filled[: len(told)] = [is_filled for _, is_filled in told]
    return Ends(ends, filled)


def _records(data: bytes, ends: NDArray[np.intp]) -> Ends:
    whole = np.frombuffer(data, np.uint8)
    ends = _with_last(ends, data)
    starts = _starts(ends)
    sizes = ends - starts
    blank = (sizes == 1) & (whole[starts] == NEWLINE)
    blank |= (sizes == len(b"\r\n")) & (whole[starts] == RETURN)
    return Ends(ends, ~blank)


def _count_plainly(data: bytes, blank: int) -> int | None:
    """How many newlines there are; None where a line begins with a byte up to `blank`."""
    whole = np.frombuffer(data, np.uint8)
    newlines = whole == NEWLINE
    if whole[0] <= blank or (newlines[:-1] & (whole[1:] <= blank)).any():
        return None
    return int(np.count_nonzero(newlines)) + (not newlines[-1])


def _with_last(ends: NDArray[np.intp], data: bytes) -> NDArray[np.intp]:
    is_open = len(data) > (ends[-1] if len(ends) else 0)
    return np.append(ends, len(data)) if is_open else ends


def _starts(ends: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.concatenate([[0], ends[:-1]])[: len(ends)].astype(np.intp)
