"""The trees of an XGBoost model, read from its own JSON."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from models.preparation.sources.trees import Ensemble, Link, Rule
from wherry.errors import ConfigurationError

NO_CHILD = -1
LINKS: dict[str, Link] = {
    "binary:logistic": "logistic", "reg:logistic": "logistic", "multi:softprob": "softmax",
    "multi:softmax": "softmax", "count:poisson": "exp", "reg:gamma": "exp", "reg:tweedie": "exp",
    "survival:cox": "exp", "survival:aft": "exp", "reg:squarederror": "identity",
    "reg:absoluteerror": "identity", "reg:pseudohubererror": "identity",
    "reg:squaredlogerror": "identity", "reg:quantileerror": "identity", "rank:pairwise": "identity",
    "rank:ndcg": "identity", "rank:map": "identity",
}  # fmt: skip


def ensemble_of(booster: Any, rounds: int | None = None) -> Ensemble:
    """Of the first `rounds`, or of all; ConfigurationError where it is not understood."""
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]
    objective = learner["objective"]["name"]
    if objective not in LINKS:
        raise _refused(f"its objective is {objective!r}", f"Train with one of {', '.join(LINKS)}.")
    model, weights = _trees(learner["gradient_booster"])
    outputs = max(
        int(learner["learner_model_param"].get(name, 1)) for name in ("num_class", "num_target")
    )
    outputs = max(outputs, 1)
    link = LINKS[objective]
    told = Ensemble(outputs, link, _base(learner["learner_model_param"], link, outputs))
    last = None if rounds is None else model["iteration_indptr"][rounds]
    for number, tree in enumerate(model["trees"][:last]):
        _add(told, (number, model["tree_info"][number]), tree, weights[number])
    return told


def _trees(gradient_booster: Mapping[str, Any]) -> tuple[dict[str, Any], list[float]]:
    if gradient_booster["name"] == "gbtree":
        model = gradient_booster["model"]
        return model, [1.0] * len(model["trees"])
    if gradient_booster["name"] == "dart":
        return gradient_booster["gbtree"]["model"], gradient_booster["weight_drop"]
    raise _refused(
        f"its booster is {gradient_booster['name']!r}, which has no trees",
        "Train with booster = 'gbtree', or a linear model of scikit-learn.",
    )


def _base(told: Mapping[str, str], link: Link, outputs: int) -> tuple[float, ...]:
    """The intercept, as it is added to the trees: XGBoost tells it as it would be answered."""
    scores = np.atleast_1d(np.asarray(json.loads(told["base_score"]), np.float32))
    with np.errstate(divide="ignore"):
        if link == "logistic":
            scores = -np.log(np.float32(1) / scores - np.float32(1))
        elif link == "exp":
            scores = np.log(scores)
    return tuple(np.broadcast_to(scores, (outputs,)).tolist())


def _add(told: Ensemble, place: tuple[int, int], tree: Mapping[str, Any], weight: float) -> None:
    number, output = place
    if any(tree["split_type"]) or tree["categories_nodes"]:
        raise _refused(
            "it splits on categories, which the trees of ONNX do not hold as it does",
            "Train it after a OneHotEncoder or an OrdinalEncoder, without enable_categorical.",
        )
    if int(tree["tree_param"]["size_leaf_vector"]) > 1:
        raise _refused(
            "its leaves hold several numbers each",
            "Train with multi_strategy = 'one_output_per_tree'.",
        )
    # Who prunes leaves nodes behind that no branch leads to.
    for node in _reached(tree):
        value = tree["split_conditions"][node]
        if tree["left_children"][node] == NO_CHILD:
            told.leaf((number, node), {output: float(np.float32(value) * np.float32(weight))})
            continue
        told.branch(
            (number, node),
            Rule(
                mode="BRANCH_LT",
                feature=tree["split_indices"][node],
                threshold=float(np.float32(value)),
                true=tree["left_children"][node],
                false=tree["right_children"][node],
                missing_is_true=bool(tree["default_left"][node]),
            ),
        )


def _reached(tree: Mapping[str, Any]) -> list[int]:
    found, waiting = [], [0]
    while waiting:
        node = waiting.pop()
        found.append(node)
        if tree["left_children"][node] != NO_CHILD:
            waiting += [tree["right_children"][node], tree["left_children"][node]]
    return found


def _refused(what: str, todo: str) -> ConfigurationError:
    return ConfigurationError("the XGBoost model", what, todo)
