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

from wherry.batch.blocks import NEWLINE, RETURN, Block, csv_ends

_BLANK = b" \t\r\n"
_MAYBE_BLANK = (b"\n\n", b"\n\r", b"\n ", b"\n\t")  # how a line begins that may be blank


class Ends(NamedTuple):
    """Where lines, or records, end; `filled` are those which are rows, and not blank."""

    at: NDArray[np.intp]
    filled: NDArray[np.bool_]


Find = Callable[[bytes], Ends]
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
    if data[:1].isspace() or any(blank in data for blank in _MAYBE_BLANK):
        return int(line_ends(data).filled.sum())
    return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


def count_records(data: bytes) -> int | None:
    """Records of CSV that are not blank."""
    if not tells_rows(data):
        return None
    if b'"' in data or data[:1] in b"\r\n" or any(blank in data for blank in _MAYBE_BLANK[:2]):
        return int(record_ends(data).filled.sum())
    return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


def tells_rows(data: bytes) -> bool:
    """Whether no carriage return stands by itself, which may end rows of CSV."""
    returns = data.count(b"\r")
    return not returns or returns == data.count(b"\r\n")


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
    """Of whole records of CSV; the last may have no newline."""
    whole = np.frombuffer(data, np.uint8)
    ends = _with_last(csv_ends(data), data)
    starts = _starts(ends)
    sizes = ends - starts
    blank = (sizes == 1) & (whole[starts] == NEWLINE)
    blank |= (sizes == len(b"\r\n")) & (whole[starts] == RETURN)
    return Ends(ends, ~blank)


def _with_last(ends: NDArray[np.intp], data: bytes) -> NDArray[np.intp]:
    is_open = len(data) > (ends[-1] if len(ends) else 0)
    return np.append(ends, len(data)) if is_open else ends


def _starts(ends: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.concatenate([[0], ends[:-1]])[: len(ends)].astype(np.intp)
