"""
Lines of JSON, decoded into columns: a block of them in one call, or one by one where that fails.

The types are those of the model's fields but for their ranges, which whole columns are judged by.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from wherry.batch.blocks import NEWLINE, RETURN
from wherry.plain.fields import Field

_OPENED, _CLOSED = b"{}"
_BLANK = b" \t\r\n"
_NULL = msgspec.Raw(b"null")
_TYPES = {"f": float, "i": int, "u": int, "b": bool, "O": str}

# Too deeply nested is an error of its own, and so is what is passed over and is no UTF-8.
_Errors = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Lines:
    """The lines of a block that are not blank."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == NEWLINE)
        if not data.endswith(b"\n"):
            ends = np.append(ends, len(data))
        starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)
        begun = np.isin(np.frombuffer(data, np.uint8)[starts], list(_BLANK))
        blank = [
            place
            for place in np.flatnonzero(begun)
            if not data[starts[place] : ends[place]].strip(_BLANK)
        ]
        self.starts = np.delete(starts, blank)
        self._ends = np.delete(ends, blank)

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, place: int) -> bytes:
        return self.data[self.starts[place] : self._ends[place]]

    def are_objects(self) -> bool:
        """
        Whether each begins and ends as an object does. No newline is within one then, and there are
        as many objects as lines only if each line is one.
        """
        whole = np.frombuffer(self.data, np.uint8)
        last = whole[self._ends - 1]
        last = np.where(last == RETURN, whole[self._ends - 2], last)
        odd = np.flatnonzero((whole[self.starts] != _OPENED) | (last != _CLOSED))
        lines = (self[place].strip(_BLANK) for place in map(int, odd))
        return all(line[:1] == b"{" and line[-1:] == b"}" for line in lines)


class Decoded(NamedTuple):
    """Columns by field and by what is kept; `failed` are lines that are no row, or have a fault."""

    fields: Sequence[Sequence[Any]]
    kept: Sequence[Sequence[msgspec.Raw]]
    failed: Sequence[int]


class LineDecoder:
    """
    Of the fields of one model, and the names that are carried through; where it is `closed`, a line
    with any other name fails.
    """

    def __init__(
        self, fields: Sequence[Field], kept: Sequence[str], *, closed: bool = False
    ) -> None:
        typed = {f"f{place}": (field.name, _type(field)) for place, field in enumerate(fields)}
        names = [field.name for field in fields]
        # A name has one type: what is carried through and is a field too is decoded as the field.
        raw = {f"k{place}": name for place, name in enumerate(kept) if name not in names}
        rename = {key: name for key, (name, _) in typed.items()} | raw
        keep = [(key, msgspec.Raw, _NULL) for key in raw]
        rows = msgspec.defstruct(
            "Row",
            [*((key, told) for key, (_, told) in typed.items()), *keep],
            rename=rename, gc=False, forbid_unknown_fields=closed,
        )  # fmt: skip
        others = msgspec.defstruct("Others", keep, rename=raw, gc=False)
        self._rows: Any = msgspec.json.Decoder(rows)
        self._others: Any = msgspec.json.Decoder(others)
        self._width = len(fields)
        self._places = {name: names.index(name) for name in kept if name in names}
        self._kept = kept

    def decode(self, lines: Lines) -> Decoded:
        """Every line has a place in each column; where it failed, nothing is there."""
        try:
            self.check(lines.data)
            rows = self._rows.decode_lines(lines.data) if lines.are_objects() else ()
            if len(rows) == len(lines):
                return self._columns([msgspec.structs.astuple(row) for row in rows], ())
        except _Errors:
            pass
        failed: list[int] = []
        tuples = []
        for place in range(len(lines)):
            try:
                self.check(lines[place])
                tuples.append(msgspec.structs.astuple(self._rows.decode(lines[place])))
            except _Errors:
                failed.append(place)
                tuples.append(self._nothing(lines[place]))
        return self._columns(tuples, failed)

    def check(self, data: bytes) -> None:
        """Raise UnicodeDecodeError where what is carried through, as it came, is no text."""
        if self._kept:
            data.decode()

    def _nothing(self, line: bytes) -> tuple[Any, ...]:
        """No values, but what is carried through, where that can be told."""
        try:
            self.check(line)
            others = msgspec.structs.astuple(self._others.decode(line))
        except _Errors:
            others = (_NULL,) * (len(self._kept) - len(self._places))
        return (*(None,) * self._width, *others)

    def _columns(self, rows: Sequence[tuple[Any, ...]], failed: Sequence[int]) -> Decoded:
        width = self._width + len(self._kept) - len(self._places)
        columns = list(zip(*rows, strict=True)) or [()] * width
        others = iter(columns[self._width :])
        kept = [
            _again(columns[self._places[name]]) if name in self._places else next(others)
            for name in self._kept
        ]
        return Decoded(columns[: self._width], kept, failed)


def _again(values: Sequence[Any]) -> list[msgspec.Raw]:
    return [msgspec.Raw(msgspec.json.encode(value)) for value in values]


def _type(field: Field) -> Any:
    told: Any = _TYPES[field.dtype.kind]
    if field.may_be_missing:
        told = told | None
    for _ in field.shape:
        told = list[told]
    return told
