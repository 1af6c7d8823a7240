"""
Trees and forests of scikit-learn, as one ensemble.

skl2onnx adds up shares of 1/n and asks whether the sum is over a half: where votes are even,
rounding decides. Here whole votes are added and divided by n, so that an even vote goes to the
first class, as scikit-learn has it; and NaN goes where it went when the tree learnt.
"""

from typing import Any

from models.preparation.sources.trees import Ensemble, Rule

LEAF = -1
PAIR = 2
MODULES = {"sklearn.tree._classes", "sklearn.ensemble._forest"}
NAMES = {
    "DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor",
    "RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier",
    "ExtraTreesRegressor",
}  # fmt: skip


def is_read(kind: type) -> bool:
    return kind.__module__ in MODULES and kind.__qualname__ in NAMES


def ensemble_of(estimator: Any) -> Ensemble:
    """Of two classes, the second one's share; else every class's, or every target's value."""
    trees = [each.tree_ for each in getattr(estimator, "estimators_", [estimator])]
    classifies = hasattr(estimator, "classes_")
    width = trees[0].value.shape[PAIR if classifies else 1]
    outputs = 1 if classifies and width == PAIR else width
    told = Ensemble(outputs, "identity", (0.0,) * outputs, scale=1 / len(trees))
    for number, tree in enumerate(trees):
        values = tree.value[:, 0, :] if classifies else tree.value[:, :, 0]
        if classifies:
            values = values / values.sum(axis=1, keepdims=True)
        _add(told, number, tree, values[:, 1:] if outputs < width else values)
    return told


def _add(told: Ensemble, number: int, tree: Any, values: Any) -> None:
    for node in range(tree.node_count):
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left == LEAF:
            told.leaf((number, node), dict(enumerate(values[node].tolist())))
            continue
        feature, threshold = int(tree.feature[node]), float(tree.threshold[node])
        missing = bool(tree.missing_go_to_left[node])
        told.branch((number, node), Rule("BRANCH_LEQ", feature, threshold, left, right, missing))
