"""
Rows on the thresholds of a converted model's trees: where a conversion that rounds goes wrong.

A row that never comes to a node says nothing of it, so each row is led down its own node's path,
and there stands on the threshold exactly, or one step of its datatype to a side. Of trees that do
not take the client's own columns (a scaler stands between) there are no such rows here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[Any]
Column = tuple[str, int]  # of an input, which column
MODES = {
    b"BRANCH_LEQ": "<=",
    b"BRANCH_LT": "<",
    b"BRANCH_GTE": ">=",
    b"BRANCH_GT": ">",
}
SAME = ("Identity", "Cast", "Flatten")  # they hand the columns on


@dataclass(frozen=True)
class Trees:
    """The nodes of one ensemble, and which input and column each feature is."""

    columns: tuple[Column, ...]
    features: Rows
    values: Rows
    modes: tuple[str | None, ...]  # None: a leaf, or a test for equality
    parents: Rows  # -1 of a root
    is_true: Rows  # whether the node is its parent's branch of "yes"

    @cached_property
    def branches(self) -> list[int]:
        """The nodes that have a threshold."""
        return [at for at, mode in enumerate(self.modes) if mode is not None]

    def path(self, node: int) -> Iterator[tuple[int, float, float]]:
        """Of each node above: the feature, and the least and greatest value that lead down here."""
        while (above := int(self.parents[node])) >= 0:
            mode = self.modes[above]
            if mode is not None:
                span = _span(mode, self.values[above], yes=bool(self.is_true[node]))
                yield int(self.features[above]), *span
            node = above


def trees_of(model: Any) -> tuple[list[Trees], int]:
    """Ensembles that take the client's own columns, and how many others there are."""
    import onnx

    widths = {each.name: _width(each) for each in model.graph.input}
    made = {name: node for node in model.graph.node for name in node.output}
    found, others = [], 0
    for node in model.graph.node:
        if node.op_type not in ("TreeEnsembleClassifier", "TreeEnsembleRegressor"):
            continue
        columns = _columns(node.input[0], made, widths)
        if columns is None:
            others += 1
            continue
        told = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
        found.append(_read(told, tuple(columns)))
    return found, others


def _read(told: Mapping[str, Any], columns: tuple[Column, ...]) -> Trees:
    import onnx

    tensor = told.get("nodes_values_as_tensor")
    values = told["nodes_values"] if tensor is None else onnx.numpy_helper.to_array(tensor)
    keys = list(zip(told["nodes_treeids"], told["nodes_nodeids"], strict=True))
    at = {key: number for number, key in enumerate(keys)}
    modes = tuple(MODES.get(mode) for mode in told["nodes_modes"])
    parents, is_true = np.full(len(keys), -1), np.zeros(len(keys), np.bool_)
    for branch, name in ((True, "nodes_truenodeids"), (False, "nodes_falsenodeids")):
        for number, child in enumerate(told[name]):
            if told["nodes_modes"][number] != b"LEAF":
                below = at[keys[number][0], child]
                parents[below], is_true[below] = number, branch
    kept = np.asarray(values, np.float32 if tensor is None else np.asarray(values).dtype)
    return Trees(columns, np.asarray(told["nodes_featureids"]), kept, modes, parents, is_true)


def _columns(
    name: str, made: Mapping[str, Any], widths: Mapping[str, int | None]
) -> list[Column] | None:
    """Which columns of which inputs a tensor is, or None where it is something else."""
    if name in widths:
        width = widths[name]
        return None if width is None else [(name, column) for column in range(width)]
    node = made.get(name)
    if node is None:
        return None
    if node.op_type in SAME:
        return _columns(node.input[0], made, widths)
    if node.op_type != "Concat":
        return None
    parts = [_columns(each, made, widths) for each in node.input]
    whole: list[Column] = []
    for part in parts:
        if part is None:
            return None
        whole += part
    return whole


def _width(tensor: Any) -> int | None:
    sizes = tensor.type.tensor_type.shape.dim
    return sizes[1].dim_value or None if len(sizes) == 2 else None  # noqa: PLR2004 - a table


def _span(mode: str, value: Any, *, yes: bool) -> tuple[float, float]:
    """The closed interval of float32 that a test for `mode` sends to that branch."""
    below, above = (float(np.nextafter(value, value.dtype.type(end))) for end in (-np.inf, np.inf))
    here = float(value)
    least = {("<=", False): above, ("<", False): here, (">", True): above, (">=", True): here}
    most = {("<=", True): here, ("<", True): below, (">", False): here, (">=", False): below}
    return least.get((mode, yes), -np.inf), most.get((mode, yes), np.inf)


def threshold_rows(
    trees: list[Trees], base: Mapping[str, Rows], most: int, random: np.random.Generator
) -> tuple[dict[str, Rows], int]:
    """
    Up to `most` rows as a client sends them, three a node, and how many there are in all.

    `base` are ordinary rows, by input; which node stands in which of them is drawn.
    """
    nodes = [(number, node) for number, each in enumerate(trees) for node in each.branches]
    whole = 3 * len(nodes)
    if whole > most:
        picked = np.sort(random.choice(len(nodes), most // 3, replace=False))
        nodes = [nodes[at] for at in picked]
    kept = random.integers(0, len(next(iter(base.values()))), len(nodes))
    rows = {name: np.repeat(values[kept], 3, axis=0) for name, values in base.items()}
    for at, (number, node) in enumerate(nodes):
        _lead(trees[number], node, rows, 3 * at)
    return rows, whole


def _lead(trees: Trees, node: int, rows: dict[str, Rows], first: int) -> None:
    spans: dict[int, tuple[float, float]] = {}
    for feature, low, high in trees.path(node):
        least, most = spans.get(feature, (-np.inf, np.inf))
        spans[feature] = max(least, low), min(most, high)
    for feature, (low, high) in spans.items():
        name, column = trees.columns[feature]
        values = rows[name][first : first + 3, column]
        values[:] = _within(values[0], low, high)
    name, column = trees.columns[int(trees.features[node])]
    rows[name][first : first + 3, column] = _around(trees.values[node], rows[name].dtype)


def _within(value: Any, low: float, high: float) -> Any:
    """`value`, or the nearest one of its datatype between `low` and `high`."""
    if value.dtype.kind != "f":
        low, high = np.ceil(max(low, -(2**31))), np.floor(min(high, 2**31))
    inside = min(max(float(value), low), high) if not np.isnan(value) else min(max(0.0, low), high)
    return value.dtype.type(inside)


def _around(value: Any, dtype: np.dtype[Any]) -> list[Any]:
    """A step below the threshold, the threshold, a step above."""
    if dtype.kind != "f":
        whole = int(np.clip(np.floor(value), -(2**31), 2**31))
        return [whole - 1, whole, whole + 1]
    here = dtype.type(value)
    return [np.nextafter(here, dtype.type(-np.inf)), here, np.nextafter(here, dtype.type(np.inf))]
