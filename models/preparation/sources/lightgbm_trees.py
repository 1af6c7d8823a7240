"""The trees of a LightGBM model, read from what it dumps of itself."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.preparation.sources.trees import Ensemble, Link, Rule
from wherry.errors import ConfigurationError

INFINITE = 1e300
NEAR_ZERO = float(np.float32(1e-35))
LINKS: dict[str, Link] = {
    "binary": "logistic", "multiclass": "softmax", "multiclassova": "each logistic",
    "cross_entropy": "logistic", "cross_entropy_lambda": "softplus", "poisson": "exp",
    "gamma": "exp", "tweedie": "exp", "regression": "identity", "regression_l1": "identity",
    "huber": "identity", "fair": "identity", "quantile": "identity", "mape": "identity",
    "lambdarank": "identity", "rank_xendcg": "identity",
}  # fmt: skip


def ensemble_of(booster: Any) -> Ensemble:
    """Of the rounds that it predicts with; ConfigurationError where it is not understood."""
    dumped = booster.dump_model()
    name, _, told = dumped.get("objective", "custom").partition(" ")
    if name not in LINKS:
        raise _refused(f"its objective is {name!r}", f"Train with one of {', '.join(LINKS)}.")
    parameters = dict(each.split(":") for each in told.split() if ":" in each)
    sigmoid = LINKS[name] in {"logistic", "each logistic"} and name != "cross_entropy"
    outputs = dumped["num_tree_per_iteration"]
    ensemble = Ensemble(
        outputs,
        "signed square" if "sqrt" in told.split() else LINKS[name],
        (0.0,) * outputs,
        scale=float(parameters.get("sigmoid", 1)) if sigmoid else 1.0,
    )
    trees = dumped["tree_info"]
    share = outputs / len(trees) if dumped["average_output"] else 1.0
    for number, tree in enumerate(trees):
        _add(ensemble, (number, number % outputs), tree["tree_structure"], share)
    return ensemble


def _add(ensemble: Ensemble, place: tuple[int, int], root: Mapping[str, Any], share: float) -> None:
    """Nodes are numbered as they are met."""
    tree, output = place
    waiting, met = [(0, root)], 1
    while waiting:
        number, node = waiting.pop()
        if "leaf_value" in node:
            if node.get("leaf_features"):
                raise _refused("its leaves are linear models", "Train without linear_tree.")
            ensemble.leaf((tree, number), {output: node["leaf_value"] * share})
            continue
        left, right, met = met, met + 1, met + 2
        ensemble.branch((tree, number), _rule(node, left, right))
        waiting += [(right, node["right_child"]), (left, node["left_child"])]


def _rule(node: Mapping[str, Any], left: int, right: int) -> Rule:
    if node["decision_type"] != "<=":
        raise _refused(
            "it splits on categories, which the trees of ONNX do not hold as it does",
            "Train it after a OneHotEncoder or an OrdinalEncoder, without categorical_feature.",
        )
    threshold, default_left = _as_compared(float(node["threshold"])), bool(node["default_left"])
    zero_is_left = threshold >= 0
    if node["missing_type"] == "Zero" and default_left != zero_is_left:
        raise _refused(
            "it takes zeros for missing and sends them another way than its thresholds do",
            "Train without zero_as_missing, and let NaN be what is missing.",
        )
    # Where nothing was missing when it learnt, it takes NaN for zero.
    missing = default_left if node["missing_type"] == "NaN" else zero_is_left
    return Rule("BRANCH_LEQ", node["split_feature"], threshold, left, right, missing)


def _as_compared(threshold: float) -> float:
    """LightGBM takes what is near zero for zero, and no number for infinite, before it compares."""
    if threshold >= INFINITE:
        return np.inf
    if -NEAR_ZERO <= threshold < 0:
        return float(np.nextafter(np.float32(-NEAR_ZERO), np.float32(-np.inf)))
    return NEAR_ZERO if 0 <= threshold < NEAR_ZERO else threshold


def _refused(what: str, todo: str) -> ConfigurationError:
    return ConfigurationError("the LightGBM model", what, todo)
