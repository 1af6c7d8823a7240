"""The trees of a CatBoost model, read from its own JSON, which tells where NaN goes."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.preparation.sources.trees import Ensemble, Link, Rule
from wherry.errors import ConfigurationError

LINKS: dict[str, Link] = {
    "Logloss": "logistic", "CrossEntropy": "logistic", "MultiClass": "softmax",
    "MultiClassOneVsAll": "each logistic", "Poisson": "exp", "Tweedie": "exp",
    "LogLinQuantile": "identity", "RMSE": "identity", "MAE": "identity", "Quantile": "identity",
    "Huber": "identity", "MAPE": "identity", "Lq": "identity", "Expectile": "identity",
    "MultiRMSE": "identity", "LogCosh": "identity", "YetiRank": "identity",
    "QueryRMSE": "identity", "PairLogit": "identity",
}  # fmt: skip
NO_NUMBERS = ("categorical_features", "text_features", "embedding_features")


def read_model(model: Any) -> dict[str, Any]:
    """What the model says of itself; catboost tells it to a file alone."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.json"
        model.save_model(str(file), format="json")
        told: dict[str, Any] = json.loads(file.read_bytes())
    return told


def loss_of(told: Mapping[str, Any]) -> str:
    return str(told["model_info"]["params"]["loss_function"]["type"])


def ensemble_of(told: Mapping[str, Any]) -> Ensemble:
    """ConfigurationError where it is not understood."""
    loss, features = loss_of(told), told["features_info"]
    if loss not in LINKS:
        raise _refused(f"its loss is {loss!r}", f"Train with one of {', '.join(LINKS)}.")
    for kind in NO_NUMBERS:
        if features.get(kind):
            raise _refused(
                f"it has {kind.replace('_', ' ')}, which CatBoost can export to nothing but itself",
                "Train it on numbers: a pipeline with a OneHotEncoder or an OrdinalEncoder before.",
            )
    scale, bias = told["scale_and_bias"]
    ensemble = Ensemble(len(bias), LINKS[loss], tuple(bias))
    reading = _Reading(ensemble, scale, {
        each["feature_index"]: each for each in features["float_features"]
    })  # fmt: skip
    for number, tree in enumerate(told.get("oblivious_trees", ())):
        reading.tree(number, _unfolded(tree, len(bias)))
    for number, tree in enumerate(told.get("trees", ())):
        reading.tree(number, tree)
    return ensemble


def _unfolded(tree: Mapping[str, Any], outputs: int) -> dict[str, Any]:
    """A tree that asks the same on each level, as nodes that ask: the first split asks last."""
    values = tree["leaf_values"]
    nodes: list[dict[str, Any]] = [
        {"value": values[start : start + outputs]} for start in range(0, len(values), outputs)
    ]
    for split in tree["splits"] or ():
        pairs = zip(nodes[::2], nodes[1::2], strict=True)
        nodes = [{"split": split, "left": left, "right": right} for left, right in pairs]
    (root,) = nodes
    return root


@dataclass(frozen=True)
class _Reading:
    """Adds trees; `features` are those of numbers, by their index among those."""

    ensemble: Ensemble
    scale: float
    features: Mapping[int, Mapping[str, Any]]

    def tree(self, number: int, root: Mapping[str, Any]) -> None:
        """Nodes are numbered as they are met."""
        waiting, met = [(0, root)], 1
        while waiting:
            place, node = waiting.pop()
            if "split" not in node:
                values = node["value"] if isinstance(node["value"], list) else [node["value"]]
                weights = {output: value * self.scale for output, value in enumerate(values)}
                self.ensemble.leaf((number, place), weights)
                continue
            left, right, met = met, met + 1, met + 2
            self.ensemble.branch((number, place), self._rule(node["split"], left, right))
            waiting += [(right, node["right"]), (left, node["left"])]

    def _rule(self, split: Mapping[str, Any], left: int, right: int) -> Rule:
        """CatBoost asks whether it is more; NaN is, if it was taken for the most."""
        if split["split_type"] != "FloatFeature":
            raise _refused(f"it splits on a {split['split_type']}", "Train it on numbers.")
        feature = self.features[split["float_feature_index"]]
        missing_is_less = feature["nan_value_treatment"] != "AsTrue"
        column, border = feature["flat_feature_index"], split["border"]
        return Rule("BRANCH_LEQ", column, border, left, right, missing_is_less)


def _refused(what: str, todo: str) -> ConfigurationError:
    return ConfigurationError("the CatBoost model", what, todo)
