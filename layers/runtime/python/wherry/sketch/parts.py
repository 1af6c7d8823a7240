"""
What of a tensor is sketched: each column of a narrow one, two numbers of a wide one.

All that can be known before a request comes is worked out here, once: how the values of some rows
are read, and which bin each falls into. A tensor of more than a hundred columns, or of an open
number of them, is told by the mean and the standard deviation of each row; a text that the model
does not know is told by its length, and never by itself.
"""

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wherry.columns import described
from wherry.manifest import Feature, TensorSpec
from wherry.protocol.array_tensors import numbers
from wherry.protocol.signature import VARIABLE
from wherry.sketch.bins import OTHER, known_bins, number_bin, probability_bin, text_bin

WIDEST = 100  # columns that are told apart
ELEMENTS = 1024  # of one row of a wide tensor, looked at
LONGEST_NUMBER = len("+-64")

Rows = list[list[Any]]
Read = Callable[[NDArray[Any]], Rows]
Bin = Callable[[Any], str]


class Column(NamedTuple):
    """`place` is where its value is in a row that was read; no bin is of more `bytes`."""

    name: str
    place: int
    bin: Bin
    bytes: int


class Part(NamedTuple):
    """
    One tensor.

    `answer` is the bin of a whole row, for what a model answers; `rank` is how well it tells that,
    the least first.
    """

    tensor: str
    read: Read
    columns: tuple[Column, ...]
    answer: Bin
    rank: int
    bytes: int


def input_parts(specs: Sequence[TensorSpec], features: Sequence[Feature]) -> Iterator[Part]:
    """Named as the features are, or as the tensors."""
    named = described(specs, features)
    for spec in specs:
        if spec.shape:
            yield _plain(spec, named.get(spec.name, ()))


def output_parts(specs: Sequence[TensorSpec], labels: Sequence[str]) -> Iterator[Part]:
    """A label is told by itself, and probabilities of labels by the highest of them."""
    for spec in specs:
        if labels and spec.shape[1:] == (len(labels),) and spec.datatype.startswith(("FP", "BF")):
            yield _probabilities(spec, labels)
        elif labels and prod(spec.shape[1:]) == 1 and not spec.datatype.startswith(("FP", "BF")):
            yield _label(spec, labels)
        elif spec.shape:
            yield _plain(spec, ())


def _label(spec: TensorSpec, labels: Sequence[str]) -> Part:
    to_bin, size = _among(labels)
    column = Column(text_bin(spec.name), 0, to_bin, size)
    return Part(spec.name, _values, (column,), lambda row: to_bin(row[0]), 0, size)


def _probabilities(spec: TensorSpec, labels: Sequence[str]) -> Part:
    """Read as the highest and its place."""
    bins = [text_bin(label) for label in labels]
    column = Column(text_bin(spec.name), 0, probability_bin, LONGEST_NUMBER)
    read = _as_numbers(_highest, spec)
    return Part(spec.name, read, (column,), lambda row: bins[row[1]], 1, max(map(_size, bins)))


def _plain(spec: TensorSpec, features: Sequence[Feature]) -> Part:
    width = prod(spec.shape[1:])
    wide = VARIABLE in spec.shape[1:] or not 0 < width <= WIDEST
    if spec.datatype == "BYTES":
        return _texts(spec, features, wide=wide)
    if wide:
        names, read, answer = [f"{spec.name}.mean", f"{spec.name}.std"], _spread, _first
    else:
        names, read, answer = _names(spec, features, width), _values, _mean
    columns = tuple(
        Column(text_bin(name), place, number_bin, LONGEST_NUMBER)
        for place, name in enumerate(names)
    )
    return Part(spec.name, _as_numbers(read, spec), columns, answer, 2, LONGEST_NUMBER)


def _texts(spec: TensorSpec, features: Sequence[Feature], *, wide: bool) -> Part:
    if wide:
        column = Column(text_bin(f"{spec.name}.length"), 0, number_bin, LONGEST_NUMBER)
        return Part(spec.name, _lengths, (column,), _first, 2, LONGEST_NUMBER)
    names = _names(spec, features, prod(spec.shape[1:]))
    known = [each.categories for each in features] or [()] * len(names)
    columns = tuple(
        Column(text_bin(name), place, *_among(texts))
        if texts
        else Column(text_bin(f"{name}.length"), place, _length, LONGEST_NUMBER)
        for place, (name, texts) in enumerate(zip(names, known, strict=True))
    )
    return Part(spec.name, _values, columns, _first_length, 2, LONGEST_NUMBER)


def _names(spec: TensorSpec, features: Sequence[Feature], width: int) -> list[str]:
    if features:
        return [each.name for each in features]
    return [spec.name] if width == 1 else [f"{spec.name}.{number}" for number in range(width)]


def _among(texts: Sequence[str]) -> tuple[Bin, int]:
    """Of a text, or a number that stands for one; with the size of the longest bin."""
    known = {"": text_bin(""), **known_bins(texts)}

    def to_bin(value: Any) -> str:
        found = known.get(value)
        return OTHER if found is None else found

    return to_bin, max(map(_size, [OTHER, *known.values()]))


def _size(text: str) -> int:
    return len(text.encode())


def _values(array: NDArray[Any]) -> Rows:
    flat = array if array.ndim == 2 else array.reshape(len(array), -1)  # noqa: PLR2004 - rows and columns
    told: Rows = flat.tolist()
    return told


def _highest(array: NDArray[Any]) -> Rows:
    return [[array[row, place].item(), place] for row, place in enumerate(array.argmax(1).tolist())]


def _spread(array: NDArray[Any]) -> Rows:
    """Of numbers in steps through the row, where there are many; NaN of a row that is empty."""
    flat = array.reshape(len(array), prod(array.shape[1:]))
    if not flat.shape[1]:
        return [[float("nan")] * 2] * len(flat)
    seen = flat[:, :: -(-flat.shape[1] // ELEMENTS)].astype(np.float64)
    with np.errstate(all="ignore"):
        return np.stack([seen.mean(1), seen.std(1)], 1).tolist()  # type: ignore[no-any-return] # numbers


def _lengths(array: NDArray[Any]) -> Rows:
    flat = array.reshape(len(array), prod(array.shape[1:]))[:, :ELEMENTS]
    return [[sum(map(len, row))] for row in flat.tolist()]


def _as_numbers(read: Read, spec: TensorSpec) -> Read:
    """A tensor of BF16 holds bits, until a Python caller asked for it."""
    if spec.datatype != "BF16":
        return read

    def read_bits(array: NDArray[Any]) -> Rows:
        return read(numbers(array, spec.datatype) if array.dtype == np.uint16 else array)

    return read_bits


def _length(text: str) -> str:
    return number_bin(len(text))


def _first(row: Sequence[float]) -> str:
    return number_bin(row[0])


def _first_length(row: Sequence[str]) -> str:
    return number_bin(len(row[0]))


def _mean(row: Sequence[float]) -> str:
    return number_bin(row[0] if len(row) == 1 else sum(row) / len(row))
