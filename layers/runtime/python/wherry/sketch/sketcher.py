"""
Sketches of one model's predictions: what its rows were, in coarse bins, in bounded time and space.

`outputs` and `inputs` count rows. Where more came than fit, every n-th is counted, with an n that
depends on how many came and on nothing else. `pairs` is of one row, the one that the caller picks
at random: the bins of a few input columns, each with the bin of what was answered, and the answer's
alone. How much a sketch may take is settled when the model is loaded, from the longest name and bin
that it can say: a column that does not fit is left out of every sketch, and never of some.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from wherry.manifest import Manifest
from wherry.sketch.parts import Column, Part, input_parts, output_parts

BYTES = 2560  # of JSON
INPUTS, OUTPUTS = 32, 16  # columns at most
PAIRED = 4
ROWS = 64  # at most; fewer where columns are many
FEWEST = 4  # rows that must fit, before another column does
ALONE = ""  # the column that pairs nothing with the answer

_FRAME = len('{"rows":64,"outputs":{},"inputs":{},"pairs":{}}')
_COLUMN = len('"":{},')
_CELL = len('"":1,')
_PAIR = len('"":{"|":1},')

Tensors = Mapping[str, NDArray[Any]]
Bins = dict[str, dict[str, int]]


class Sketcher:
    """May be asked from several threads."""

    def __init__(self, manifest: Manifest) -> None:
        inputs = tuple(input_parts(manifest.inputs, manifest.features))
        outputs = tuple(output_parts(manifest.outputs, manifest.labels))
        columns, answers = _columns(inputs), _columns(outputs)
        told = manifest.baselines.pairs if manifest.baselines else ()
        longest = max((part.bytes for part in outputs), default=0)
        room = _Room(BYTES - _FRAME - _PAIR - longest)
        paired = room.take(_first(columns, told)[:PAIRED], PAIRED, beside=_PAIR + longest)
        counted = room.take(answers, OUTPUTS)
        seen = paired + room.take([each for each in columns if each not in paired], INPUTS - PAIRED)
        self._most = room.rows(counted + seen)
        self._paired, self._pairs = _kept(inputs, paired), [each.name for each in paired]
        self._inputs, self._outputs = _kept(inputs, seen), _kept(outputs, counted)
        self._answers = tuple(sorted(outputs, key=lambda part: part.rank))

    def sketch(
        self, inputs: Tensors, outputs: Tensors, *, rows: int, pick: int
    ) -> dict[str, Any] | None:
        """`pick` is any number: which row `pairs` is of. None where no row came."""
        if not rows:
            return None
        step = -(-rows // self._most)
        some, place = slice(None, None, step), pick % rows
        counted = _counted(self._inputs, inputs, rows, some)
        one = slice(place, place + 1)
        row = counted if rows == 1 else _counted(self._paired, inputs, rows, one)
        return {
            "rows": -(-rows // step),
            "outputs": _counted(self._outputs, outputs, rows, some),
            "inputs": counted,
            "pairs": self._with_answer(row, _answer(self._answers, outputs, rows, one)),
        }

    def _with_answer(self, row: Bins, answer: str | None) -> Bins:
        if answer is None:
            return {}
        pairs = {ALONE: {f"|{answer}": 1}}
        for name in self._pairs:
            for told in row.get(name, ()):
                pairs[name] = {f"{told}|{answer}": 1}
        return pairs


class _Room:
    """How many bytes are left, where each column has a few rows for sure."""

    def __init__(self, left: int) -> None:
        self._left = left

    def take(self, columns: Iterable[Column], most: int, *, beside: int = 0) -> list[Column]:
        """The columns that fit, in their order; those of a pair are told twice."""
        taken: list[Column] = []
        for each in columns:
            size = _COLUMN + len(each.name.encode()) + FEWEST * (_CELL + each.bytes)
            if beside:
                size += beside + len(each.name.encode()) + each.bytes
            if len(taken) < most and size <= self._left:
                self._left -= size
                taken.append(each)
        return taken

    def rows(self, columns: Sequence[Column]) -> int:
        """How many may be counted."""
        more = self._left // max(1, sum(_CELL + each.bytes for each in columns))
        return min(ROWS, FEWEST + more)


def _columns(parts: Sequence[Part]) -> list[Column]:
    return [column for part in parts for column in part.columns]


def _first(columns: list[Column], names: Sequence[str]) -> list[Column]:
    """Those of these names before all others, in the order of the names."""
    places = {name: place for place, name in enumerate(names)}
    return sorted(columns, key=lambda each: places.get(each.name, len(places)))


def _kept(parts: Sequence[Part], columns: Collection[Column]) -> tuple[Part, ...]:
    kept = [
        part._replace(columns=tuple(each for each in part.columns if each in columns))
        for part in parts
    ]
    return tuple(part for part in kept if part.columns)


def _counted(parts: Sequence[Part], tensors: Tensors, rows: int, some: slice) -> Bins:
    counted: Bins = {}
    for part in parts:
        array = tensors.get(part.tensor)
        if array is None or not array.ndim or len(array) != rows:
            continue  # it was not asked for, or is not one for each row
        read = part.read(array[some])
        for name, place, to_bin, _ in part.columns:
            bins = counted[name] = {}
            for row in read:
                told = to_bin(row[place])
                bins[told] = bins.get(told, 0) + 1
    return counted


def _answer(parts: Sequence[Part], outputs: Tensors, rows: int, one: slice) -> str | None:
    for part in parts:
        array = outputs.get(part.tensor)
        if array is not None and array.ndim and len(array) == rows:
            [row] = part.read(array[one])
            return part.answer(row)
    return None
