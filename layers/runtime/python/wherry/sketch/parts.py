"""
What of a tensor is sketched: each column of a table, two numbers of an image.

All that can be known before a request comes is worked out here, once: how the values of some rows
are read, and which bin each falls into. A tensor of more than a hundred columns without names, or
of an open number of them, is told by the mean and the standard deviation of each row; one of more
than 32 of these, or of several dimensions, by both too. A text that the model does not know is told
by its length, and never by itself.
"""

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

from wherry.columns import described
from wherry.manifest import Feature, TensorSpec
from wherry.protocol.signature import VARIABLE
from wherry.sketch.bins import OTHER, known_bins, number_bin, probability_bin, text_bin
from wherry.sketch.readers import (
    FEW,
    Read,
    as_numbers,
    highest,
    highest_of_many,
    lengths,
    spread,
    spread_and_values,
    values,
)

WIDEST, WIDEST_NAMED = 100, 1000  # columns that are told apart
NARROW = 32  # columns without names that are told apart by themselves
TABLE = 2  # dimensions
LONGEST_NUMBER = len("+-64")

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

    `answer` is the bin of a whole row, for what a model answers, of at most `bytes`; `rank` is how
    well it tells that, the least first. The first `told` columns are worth counting by themselves,
    and the others, such as the pixels of a small image, where they are paired alone.
    """

    tensor: str
    read: Read
    columns: tuple[Column, ...]
    answer: Bin
    rank: int
    bytes: int
    told: int


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
    return Part(spec.name, values, (column,), lambda row: to_bin(row[0]), 0, size, 1)


def _probabilities(spec: TensorSpec, labels: Sequence[str]) -> Part:
    """Read as the highest and its place."""
    bins = [text_bin(label) for label in labels]
    column = Column(text_bin(spec.name), 0, probability_bin, LONGEST_NUMBER)
    read = as_numbers(highest if len(labels) <= FEW else highest_of_many, spec)
    most = max(map(_size, bins))
    return Part(spec.name, read, (column,), lambda row: bins[row[1]], 1, most, 1)


def _plain(spec: TensorSpec, features: Sequence[Feature]) -> Part:
    width = prod(spec.shape[1:])
    wide = VARIABLE in spec.shape[1:] or not 0 < width <= (WIDEST_NAMED if features else WIDEST)
    if spec.datatype == "BYTES":
        return _texts(spec, features, wide=wide)
    both = [f"{spec.name}.mean", f"{spec.name}.std"]
    if wide:
        return _numeric(spec, both, spread, _first)
    names = _names(spec, features, width)
    if features or (len(spec.shape) <= TABLE and width <= NARROW):
        return _numeric(spec, names, values, _mean)
    return _numeric(spec, [*both, *names], spread_and_values, _first, told=len(both))


def _numeric(
    spec: TensorSpec, names: Sequence[str], read: Read, answer: Bin, told: int | None = None
) -> Part:
    columns = tuple(
        Column(text_bin(name), place, number_bin, LONGEST_NUMBER)
        for place, name in enumerate(names)
    )
    told = len(columns) if told is None else told
    return Part(spec.name, as_numbers(read, spec), columns, answer, 2, LONGEST_NUMBER, told)


def _texts(spec: TensorSpec, features: Sequence[Feature], *, wide: bool) -> Part:
    if wide:
        column = Column(text_bin(f"{spec.name}.length"), 0, number_bin, LONGEST_NUMBER)
        return Part(spec.name, lengths, (column,), _first, 2, LONGEST_NUMBER, 1)
    names = _names(spec, features, prod(spec.shape[1:]))
    known = [each.categories for each in features] or [()] * len(names)
    columns = tuple(
        Column(text_bin(name), place, *_among(texts))
        if texts
        else Column(text_bin(f"{name}.length"), place, _length, LONGEST_NUMBER)
        for place, (name, texts) in enumerate(zip(names, known, strict=True))
    )
    return Part(spec.name, values, columns, _first_length, 2, LONGEST_NUMBER, len(columns))


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


def _length(text: str) -> str:
    return number_bin(len(text))


def _first(row: Sequence[float]) -> str:
    return number_bin(row[0])


def _first_length(row: Sequence[str]) -> str:
    return number_bin(len(row[0]))


def _mean(row: Sequence[float]) -> str:
    return number_bin(row[0] if len(row) == 1 else sum(row) / len(row))
