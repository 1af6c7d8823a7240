"""
Ordinary rows: the held-out ones, or, of a model that came without rows, made-up ones.

Made-up numbers are drawn around the thresholds of trees, where there are any, else from bells of
several widths; made-up texts from those that the model knows.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.parity.trees import Trees
from models.preparation.sources.source import Values
from wherry.manifest import TensorSpec
from wherry.protocol.datatypes import TO_NUMPY

Rows = NDArray[Any]
KEPT, MADE = 512, 64
MOST_NUMBERS = 4_000_000
OPEN = 3  # a size that may vary
TEXTS = ("cats_strings", "keys_strings")


def ordinary(
    rows: Values, inputs: Sequence[TensorSpec], trees: list[Trees], words: Sequence[str], seed: int
) -> dict[str, Rows]:
    """Up to 512 held-out rows, fewer of large ones; or 64 made-up ones."""
    random = np.random.default_rng(seed)
    count = min((len(values) for values in rows.values()), default=0)
    if count:
        width = sum(values[0].size for values in rows.values())
        most = min(KEPT, max(1, MOST_NUMBERS // max(1, width)))
        kept = np.sort(random.choice(count, min(most, count), replace=False))
        return {name: values[kept] for name, values in rows.items()}
    levels = _levels(trees)
    return {each.name: _made(each, levels, words, random) for each in inputs}


def words_of(model: Any) -> tuple[str, ...]:
    """Texts that a graph compares with, sorted."""
    import onnx

    found: set[str] = set()
    for node in model.graph.node:
        for each in node.attribute:
            if each.name in TEXTS:
                told = onnx.helper.get_attribute_value(each)
                found |= {text.decode(errors="replace") for text in told}
    return tuple(sorted(found))


def _levels(trees: list[Trees]) -> Mapping[tuple[str, int], Rows]:
    values: dict[tuple[str, int], list[float]] = {}
    for each in trees:
        for node in each.branches:
            column = each.columns[int(each.features[node])]
            values.setdefault(column, []).append(float(each.values[node]))
    return {column: np.asarray(sorted(set(found))) for column, found in values.items()}


def _made(
    tensor: TensorSpec,
    levels: Mapping[tuple[str, int], Rows],
    words: Sequence[str],
    random: np.random.Generator,
) -> Rows:
    shape = (MADE, *(OPEN if size < 0 else size for size in tensor.shape[1:]))
    if tensor.datatype == "BYTES":
        return random.choice(np.asarray([*words, "text"], object), shape)
    widths = 10.0 ** random.integers(-1, 3, (MADE, *(1 for _ in shape[1:])))
    made = random.normal(0, 1, shape) * widths
    for (name, column), found in levels.items():
        if name == tensor.name:
            spread = found.std() or max(1.0, abs(found[0])) * 0.1
            made[:, column] = random.choice(found, MADE) + random.normal(0, spread, MADE)
    dtype = TO_NUMPY[tensor.datatype]
    if dtype.kind == "f":
        return made.astype(dtype)
    if dtype.kind == "b":
        return made > 0
    limits = np.iinfo(dtype)
    return np.clip(np.rint(made), max(limits.min, -(2**31)), min(limits.max, 2**31)).astype(dtype)
