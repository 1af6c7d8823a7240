"""
Sketches of one model's predictions: what its rows were, in coarse bins, in bounded time and space.

`outputs` and `inputs` count rows. Where more came than fit, every n-th is counted, with an n that
depends on how many came and on nothing else. `pairs` is of one row, the one that the caller picks
at random: the bins of a few input columns, each with the bin of what was answered, and the answer's
alone. How much a sketch may take is settled when the model is loaded, from the longest name and bin
that it can say: a column that does not fit is left out of every sketch, and never of some.
Those that mean nothing by themselves, such as pixels, are counted where they are paired.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from wherry.manifest import Manifest
from wherry.sketch.parts import Column, Part, input_parts, output_parts
from wherry.sketch.readers import Rows

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
Found = tuple[Part, Rows]


class Sketcher:
    """May be asked from several threads."""

    def __init__(self, manifest: Manifest) -> None:
        inputs = tuple(input_parts(manifest.inputs, manifest.features))
        outputs = sorted(
            output_parts(manifest.outputs, manifest.labels), key=lambda part: part.rank
        )
        told = manifest.baselines.pairs if manifest.baselines else ()
        longest = max((part.bytes for part in outputs), default=0)
        room = _Room(BYTES - _FRAME - _PAIR - longest)
        paired = room.take(_first(_columns(inputs), told)[:PAIRED], PAIRED, beside=_PAIR + longest)
        counted = room.take(_told(outputs), OUTPUTS)
        others = [each for each in _told(inputs) if each not in paired]
        seen = paired + room.take(others, INPUTS - len(paired))
        self._most = room.rows(counted + seen)
        self._paired, self._pairs = _kept(inputs, paired), [each.name for each in paired]
        self._inputs, self._outputs = _kept(inputs, seen), _kept(outputs, counted)

    def sketch(
        self, inputs: Tensors, outputs: Tensors, *, rows: int, pick: int
    ) -> dict[str, Any] | None:
        """`pick` is any number: which row `pairs` is of. None where no row came."""
        if not rows:
            return None
        step = -(-rows // self._most)
        some = slice(None, None, step)
        counted = _counted(_read(self._inputs, inputs, rows, some))
        told = _read(self._outputs, outputs, rows, some)
        sketch = {"rows": -(-rows // step), "outputs": _counted(told), "inputs": counted}
        if rows > 1:
            one = slice(pick % rows, pick % rows + 1)
            counted = _counted(_read(self._paired, inputs, rows, one))
            told = _read(self._outputs, outputs, rows, one)
        sketch["pairs"] = self._with_answer(counted, told)
        return sketch

    def _with_answer(self, row: Bins, told: list[Found]) -> Bins:
        """The bins of one row, each with that of its answer, by the output that tells it best."""
        if not told:
            return {}
        part, [values] = told[0]
        answer = part.answer(values)
        pairs = {ALONE: {f"|{answer}": 1}}
        for name in self._pairs:
            for bin_ in row.get(name, ()):
                pairs[name] = {f"{bin_}|{answer}": 1}
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


def _told(parts: Sequence[Part]) -> list[Column]:
    return [column for part in parts for column in part.columns[: part.told]]


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


def _read(parts: Sequence[Part], tensors: Tensors, rows: int, some: slice) -> list[Found]:
    """Without outputs that were not asked for, and tensors that have no such rows."""
    found: list[Found] = []
    for part in parts:
        array = tensors.get(part.tensor)
        if array is not None and array.shape[:1] == (rows,):
            found.append((part, part.read(array[some])))
    return found


def _counted(found: list[Found]) -> Bins:
    counted: Bins = {}
    for part, rows in found:
        if len(rows) == 1:  # most requests: twice as fast
            [row] = rows
            for name, place, to_bin, _ in part.columns:
                counted[name] = {to_bin(row[place]): 1}
        else:
            for name, place, to_bin, _ in part.columns:
                bins = counted[name] = {}
                for row in rows:
                    told = to_bin(row[place])
                    bins[told] = bins.get(told, 0) + 1
    return counted
