"""
Fewer trees: the first of a forest, each vote weighing more for it.

It is done in the ONNX itself, without any row. Of trees that correct one another (boosting) the
first alone are no model, so only forests are cut: sums of votes without a base value.
"""

from functools import partial
from typing import Any

import numpy as np

from models.preparation.optimizing.variant import Variant, read, written
from models.preparation.sources.graphs import attributes
from models.preparation.sources.source import Values

KINDS = ("TreeEnsembleClassifier", "TreeEnsembleRegressor")
LEAST = 8  # trees that are worth cutting
LEAVES = ("class", "target")


def first_trees(model: bytes, rows: Values, *, share: float) -> bytes:
    del rows
    graph = read(model)
    node = _forest(graph)
    told = attributes(node)
    trees = sorted(set(told["nodes_treeids"]))
    kept = trees[: max(1, round(share * len(trees)))]
    for prefix in ("nodes", *LEAVES):
        _cut(node, prefix, told, set(kept))
    for each in node.attribute:
        if each.name in {f"{prefix}_weights" for prefix in LEAVES}:
            each.floats[:] = np.float32(len(trees) / len(kept)) * np.asarray(each.floats)
    return written(graph)


def _cut(node: Any, prefix: str, told: dict[str, Any], kept: set[int]) -> None:
    """Every list of the node that tells of `prefix`, an entry a node or leaf."""
    ids = told.get(f"{prefix}_treeids")
    if ids is None:
        return
    for each in node.attribute:
        if not each.name.startswith(f"{prefix}_"):
            continue
        values = next((part for part in (each.floats, each.ints, each.strings) if part), None)
        if values is not None:
            values[:] = [value for value, tree in zip(values, ids, strict=True) if tree in kept]


def _forest(model: Any) -> Any:
    found = [node for node in model.graph.node if node.op_type in KINDS]
    return found[0] if len(found) == 1 else None


def _applies(model: Any) -> str | None:
    node = _forest(model)
    if node is None:
        return "it is no forest"
    told = attributes(node)
    corrects = told.get("base_values") or told.get("post_transform", b"NONE") != b"NONE"
    if corrects or told.get("aggregate_function", b"SUM") != b"SUM":
        return "its trees correct one another, so the first alone are no model"
    if any(name.endswith("_as_tensor") for name in told):
        return "its trees are of float64"
    trees = len(set(told["nodes_treeids"]))
    return None if trees >= LEAST else f"{trees} trees are too few to cut"


VARIANTS = (
    Variant(
        "half_of_trees", "the first half of the trees", "approximate", _applies,
        partial(first_trees, share=0.5),
    ),
    Variant(
        "quarter_of_trees", "the first quarter of the trees", "approximate", _applies,
        partial(first_trees, share=0.25),
    ),
)  # fmt: skip
