"""
Where a tree sends a row whose number is missing: scikit-learn's trees know, skl2onnx forgets it.

A tree that never saw a gap sends it where most rows went; one that did, where it learnt to. ONNX's
ensembles have a flag for each node, and it is set here from the very trees that were converted:
they are known again by their nodes, features and thresholds.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.sources.parts import parts

ENSEMBLES = ("TreeEnsembleClassifier", "TreeEnsembleRegressor")
FLAGS = "nodes_missing_value_tracks_true"
LEAF = b"LEAF"


def keep_gaps(model: Any, estimator: Any) -> None:
    """Set the flags in a ModelProto that was converted from `estimator`."""
    learnt: dict[tuple[int, ...], list[Any]] = {}
    for tree in _trees(estimator):
        learnt.setdefault(_known(tree.feature), []).append(tree)
    if not learnt:
        return
    for node in model.graph.node:
        if node.op_type in ENSEMBLES:
            _set_flags(node, learnt)


def _trees(estimator: Any) -> Iterator[Any]:
    for part in parts(estimator):
        tree = getattr(part, "tree_", None)
        if hasattr(tree, "missing_go_to_left"):
            yield tree


def _known(features: NDArray[Any]) -> tuple[int, ...]:
    """A leaf has no feature, and a converter writes 0 there."""
    return tuple(int(each) for each in np.maximum(features, -1))


def _set_flags(node: Any, learnt: dict[tuple[int, ...], list[Any]]) -> None:
    told = {each.name: each for each in node.attribute}
    ids = np.asarray(told["nodes_treeids"].ints)
    features = np.asarray(told["nodes_featureids"].ints)
    leaves = np.asarray([mode == LEAF for mode in told["nodes_modes"].strings])
    values = np.asarray(told["nodes_values"].floats)
    flags = np.asarray(told[FLAGS].ints)
    for each in np.unique(ids):
        mine = ids == each
        found = _same(learnt.get(_known(np.where(leaves, -1, features)[mine]), []), values[mine])
        if found is not None:
            flags[mine] = np.where(leaves[mine], 0, found.missing_go_to_left)
    del told[FLAGS].ints[:]
    told[FLAGS].ints.extend(int(flag) for flag in flags)


def _same(trees: list[Any], values: NDArray[Any]) -> Any:
    """The tree with these thresholds, to a float32's digits: they were rounded on the way."""
    for tree in trees:
        branches = tree.feature >= 0
        if np.allclose(tree.threshold[branches], values[branches], rtol=1e-6, atol=0):
            return tree
    return None
