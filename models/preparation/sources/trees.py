"""
Boosted trees of any library as one ensemble of ONNX, and what turns their sum into an answer.

The libraries' own converters guess: thresholds to the nearest float32, the objective from the
counts in the leaves, a random forest's size as a hundred. Here each library's model file is read,
thresholds are rounded down, and whatever is not understood is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from models.preparation.sources.thresholds import floor32

Mode = Literal["BRANCH_LEQ", "BRANCH_LT", "LEAF"]
Link = Literal[
    "identity", "logistic", "softmax", "exp", "softplus", "signed square", "each logistic"
]  # fmt: skip


NODES = (
    "nodes_treeids", "nodes_nodeids", "nodes_modes", "nodes_featureids", "nodes_values",
    "nodes_truenodeids", "nodes_falsenodeids", "nodes_missing_value_tracks_true",
)  # fmt: skip
LEAVES = ("target_treeids", "target_nodeids", "target_ids", "target_weights")


@dataclass
class Ensemble:
    """
    Trees whose leaves add up to `outputs` numbers, which `link` makes the answer of.

    `scale` is what the sum is multiplied by before the link. Of one number of two classes, the link
    gives the second one's probability.
    """

    outputs: int
    link: Link
    base: tuple[float, ...]
    scale: float = 1.0
    nodes: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in NODES})
    leaves: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in LEAVES})

    def branch(self, place: tuple[int, int], rule: "Rule") -> None:
        """A node that asks; `place` is its tree and its number."""
        self._node(place, rule.mode, rule.feature, float(floor32(np.array(rule.threshold))))
        self.nodes["nodes_truenodeids"].append(rule.true)
        self.nodes["nodes_falsenodeids"].append(rule.false)
        self.nodes["nodes_missing_value_tracks_true"].append(int(rule.missing_is_true))

    def leaf(self, place: tuple[int, int], weights: Mapping[int, float]) -> None:
        """What it adds to each of some outputs."""
        self._node(place, "LEAF", 0, 0.0)
        for name in ("truenodeids", "falsenodeids", "missing_value_tracks_true"):
            self.nodes[f"nodes_{name}"].append(0)
        for output, weight in weights.items():
            for name, value in zip(LEAVES, (*place, output, weight), strict=True):
                self.leaves[name].append(value)

    def _node(self, place: tuple[int, int], mode: Mode, feature: int, value: float) -> None:
        for name, told in zip(NODES, (*place, mode, feature, value), strict=False):
            self.nodes[name].append(told)

    def attributes(self) -> dict[str, Any]:
        """Of a TreeEnsembleRegressor."""
        base = {"base_values": list(map(float, self.base))} if any(self.base) else {}
        return {
            **self.nodes, **self.leaves, **base, "n_targets": self.outputs,
            "aggregate_function": "SUM", "post_transform": "NONE",
        }  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """`x[feature] <= threshold` (or `<`) goes to the node `true`, else to `false`."""

    mode: Mode
    feature: int
    threshold: float
    true: int
    false: int
    missing_is_true: bool
