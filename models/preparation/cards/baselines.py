"""
Baselines: how inputs and outputs of held-out rows are spread, for whoever looks for drift later.

Numbers are counted between the deciles of the rows, so that each of ten bins holds about as many;
the edges are numbers that float32 holds exactly, as values on the wire are. Texts are counted by
value, the most frequent ones. It keeps no row, and no text that is long or rare. What it keeps is
bounded: beyond a hundred columns, a tensor is counted as a whole.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.cards.pairs import telling
from wherry.columns import described
from wherry.manifest import (
    Baselines,
    CategoryHistogram,
    Feature,
    Histogram,
    NumberHistogram,
    TensorSpec,
)

COLUMNS = 100  # histograms, of all inputs together and of all outputs together
CATEGORIES = 20
LONGEST = 40  # characters of a text that is worth a count of its own
DECILES = np.arange(1, 10) / 10

Arrays = Mapping[str, NDArray[Any]]


def baselines(
    inputs: Arrays, outputs: Arrays, *, features: Sequence[Feature], labels: Sequence[str] = ()
) -> Baselines:
    """
    Count tensors by name, [rows, …] each, as a client sends and gets them.

    `labels` name the columns of probabilities, and are what whole numbers stand for.
    """
    specs = [_spec(name, array) for name, array in inputs.items()]
    named = {
        name: [each.name for each in told] for name, told in described(specs, features).items()
    }
    heads = {
        name: [f"{name}.{label}" for label in labels]
        for name, array in outputs.items()
        if array.dtype.kind == "f" and array.shape[1:] == (len(labels),)
    }
    rows = max((len(array) for array in inputs.values()), default=0)
    return Baselines(
        rows=rows,
        inputs=_counted(inputs, named, classes=False),
        outputs=_counted(outputs, heads, classes=bool(labels)),
        pairs=telling(inputs, outputs, features=features, labels=labels),
    )


def _spec(name: str, array: NDArray[Any]) -> TensorSpec:
    """As far as columns go: which datatype it is says nothing of those."""
    return TensorSpec(name=name, datatype="FP32", shape=(-1, *array.shape[1:]))


def _counted(
    arrays: Arrays, names: Mapping[str, Sequence[str]], *, classes: bool
) -> dict[str, Histogram]:
    whole = sum(_width(array) for array in arrays.values()) > COLUMNS
    found: dict[str, Histogram] = {}
    for name, array in arrays.items():
        for column, values in _columns(name, array, names.get(name), whole=whole):
            if len(found) < COLUMNS:
                found[column] = _histogram(values, classes=classes)
    return found


def _columns(
    name: str, array: NDArray[Any], names: Sequence[str] | None, *, whole: bool
) -> Iterator[tuple[str, NDArray[Any]]]:
    width = _width(array)
    if width == 1 or whole:
        yield (names[0] if names and width == 1 else name), array.ravel()
        return
    table = array.reshape(len(array), width)
    for number in range(width):
        yield names[number] if names else f"{name}.{number}", table[:, number]


def _width(array: NDArray[Any]) -> int:
    return prod(array.shape[1:])


def _histogram(values: NDArray[Any], *, classes: bool) -> Histogram:
    if values.dtype.kind in "OUSb" or (classes and values.dtype.kind in "iu"):
        return _categories(values)
    return _numbers(values)


def _categories(values: NDArray[Any]) -> CategoryHistogram:
    """Ties go by the text, so that the same rows give the same bytes."""
    counts = Counter(str(value) for value in values.tolist())
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    kept = [(text, count) for text, count in ranked if len(text) <= LONGEST][:CATEGORIES]
    return CategoryHistogram(
        categories=tuple(text for text, _ in kept),
        counts=tuple(count for _, count in kept),
        other=len(values) - sum(count for _, count in kept),
    )


def _numbers(values: NDArray[Any]) -> NumberHistogram:
    numbers = values.astype(np.float64)
    there = numbers[~np.isnan(numbers)]
    edges = _edges(there[np.isfinite(there)])
    places = np.searchsorted(edges, there, side="left")
    return NumberHistogram(
        edges=tuple(edges.tolist()),
        counts=tuple(np.bincount(places, minlength=len(edges) + 1).tolist()),
        missing=len(numbers) - len(there),
    )


def _edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each decile once; numbers of the rows themselves, as float32 holds them."""
    if not values.size:
        return np.array([], np.float64)
    with np.errstate(over="ignore"):
        found = np.quantile(values, DECILES, method="inverted_cdf").astype(np.float32)
    return np.unique(found[np.isfinite(found)]).astype(np.float64)
