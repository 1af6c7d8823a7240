"""
Which input columns tell most of what a model answers: those that a sketch pairs with the answer.

By the mutual information of a column's bin and the answer's bin on held-out rows, in the very bins
that predictions leave behind. Few rows in many bins look telling by chance, so the estimate is
corrected for that (Miller, "Note on the bias of information estimates", 1955). It keeps names, and
no row.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log
from typing import Any

from numpy.typing import NDArray

from wherry.manifest import Feature, TensorSpec
from wherry.protocol.datatypes import TO_NUMPY
from wherry.sketch.parts import input_parts, output_parts
from wherry.sketch.sketcher import PAIRED

ROWS = 4096  # looked at, at most
DIGITS = 9  # in which estimates of two machines agree

Arrays = Mapping[str, NDArray[Any]]
_DATATYPES = {dtype: name for name, dtype in TO_NUMPY.items() if name != "BF16"}


def telling(
    inputs: Arrays, outputs: Arrays, *, features: Sequence[Feature], labels: Sequence[str]
) -> tuple[str, ...]:
    """The most telling columns, best first; of equal ones the one that comes first."""
    rows = max(map(len, inputs.values()), default=0)
    inputs, outputs = _of_rows(inputs, rows), _of_rows(outputs, rows)
    answers = _answers(outputs, labels)
    if not answers:
        return ()
    told = {name: information(bins, answers) for name, bins in _columns(inputs, features).items()}
    ranked = sorted(told, key=lambda name: -round(told[name], DIGITS))
    return tuple(ranked[:PAIRED])


def information(one: Sequence[str], other: Sequence[str]) -> float:
    """Mutual information of two columns of bins, in nats, corrected for its bias."""
    rows = len(one)
    first, second, both = Counter(one), Counter(other), Counter(zip(one, other, strict=True))
    raw = sum(
        count / rows * log(count * rows / (first[a] * second[b])) for (a, b), count in both.items()
    )
    return raw - (len(both) - len(first) - len(second) + 1) / (2 * rows)


def _of_rows(arrays: Arrays, rows: int) -> Arrays:
    """Without what a model tells of all rows together."""
    return {name: array for name, array in arrays.items() if len(array) == rows}


def _answers(outputs: Arrays, labels: Sequence[str]) -> list[str]:
    """What a sketch says of each row's answer."""
    parts = output_parts(_specs(outputs), labels)
    best = min(parts, key=lambda part: part.rank, default=None)
    if best is None:
        return []
    return [best.answer(row) for row in best.read(_some(outputs[best.tensor]))]


def _columns(inputs: Arrays, features: Sequence[Feature]) -> dict[str, list[str]]:
    bins: dict[str, list[str]] = {}
    for part in input_parts(_specs(inputs), features):
        rows = part.read(_some(inputs[part.tensor]))
        for column in part.columns:
            bins[column.name] = [column.bin(row[column.place]) for row in rows]
    return bins


def _specs(arrays: Arrays) -> list[TensorSpec]:
    return [
        TensorSpec(
            name=name,
            datatype=_DATATYPES.get(array.dtype, "BYTES"),  # type: ignore[arg-type] # one of them
            shape=(-1, *array.shape[1:]),
        )
        for name, array in arrays.items()
    ]


def _some(array: NDArray[Any]) -> NDArray[Any]:
    """Every n-th row, where there are many."""
    return array[:: -(-len(array) // ROWS) or 1]
