"""
Nodes that belong to training: a graph that still has them may answer by chance.

Dropout hands its input on once training is over, and a BatchNormalization then uses what it learnt;
both are put right exactly. Nodes that draw random numbers have no such meaning: they are found, and
never removed.
"""

from typing import Any

from models.preparation.sources.graphs import every_graph, every_node

RANDOM = {
    "Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform",
    "RandomUniformLike",
}  # fmt: skip


def find(model: bytes) -> list[str]:
    """A sentence for each kind of node that is left, with how many; none, if all is well."""
    import onnx

    counts: dict[str, int] = {}
    for node in every_node(onnx.load_from_string(model).graph):
        told = _told(node)
        if told:
            counts[told] = counts.get(told, 0) + 1
    return [f"{count} of {told}" for told, count in sorted(counts.items())]


def remove(model: bytes) -> bytes:
    """The graph as it infers: without Dropout, BatchNormalization with what it learnt."""
    import onnx

    loaded = onnx.load_from_string(model)
    if not find(model):
        return model
    for graph in every_graph(loaded.graph):
        _bypass(graph)
        for node in graph.node:
            if _trains(node):
                del node.output[1:]
                next(each for each in node.attribute if each.name == "training_mode").i = 0
    onnx.checker.check_model(loaded, full_check=True)
    kept: bytes = loaded.SerializeToString(deterministic=True)
    return kept


def _told(node: Any) -> str:
    if node.op_type == "Dropout":
        return "Dropout, which infers nothing"
    if node.op_type in RANDOM:
        return f"{node.op_type}, which draws random numbers"
    return "BatchNormalization in training mode" if _trains(node) else ""


def _trains(node: Any) -> bool:
    return node.op_type == "BatchNormalization" and any(
        each.name == "training_mode" and each.i for each in node.attribute
    )


def _bypass(graph: Any) -> None:
    """Whoever read a Dropout reads its input; one that gives an output of the graph is Identity."""
    given = {each.name for each in graph.output}
    renamed: dict[str, str] = {}
    dropped = []
    for node in graph.node:
        for at, name in enumerate(node.input):
            node.input[at] = renamed.get(name, name)
        if node.op_type != "Dropout":
            continue
        if node.output[0] in given:
            node.op_type = "Identity"
            del node.attribute[:], node.input[1:], node.output[1:]
        else:
            renamed[node.output[0]] = node.input[0]
            dropped.append(node)
    for node in dropped:
        graph.node.remove(node)
