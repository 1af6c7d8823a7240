"""What a graph needs to learn and not to answer: an export in training mode leaves it behind."""

from typing import Any

from models.preparation.sources.graphs import attributes, every_node


def train_only_nodes(model: Any) -> list[str]:
    """
    Each Dropout, and each BatchNormalization in training mode, of a ModelProto.

    By the name of the node, or of its first output where it has none.
    """
    return [
        f"{node.op_type} {node.name or node.output[0]}"
        for node in every_node(model.graph)
        if node.op_type == "Dropout" or _learns(node)
    ]


def _learns(node: Any) -> bool:
    return node.op_type == "BatchNormalization" and bool(attributes(node).get("training_mode", 0))
