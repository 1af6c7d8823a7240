"""
Models that float32 is too coarse for: float32 at the door, float64 inside.

A Gaussian process sums large numbers of both signs; what is left in float32 is noise.
"""

from typing import Any

DOUBLES = frozenset({
    "GaussianProcessRegressor", "GaussianProcessClassifier", "KMeans", "KernelPCA",
    "MiniBatchKMeans", "QuantileTransformer",
})  # fmt: skip


def singles_outside(model: Any) -> None:
    """Let float64 inputs and outputs be float32 ones, with a Cast behind and before them."""
    from onnx import TensorProto, helper

    graph = model.graph
    for value in graph.input:
        kind = value.type.tensor_type
        if kind.elem_type == TensorProto.DOUBLE:
            kind.elem_type = TensorProto.FLOAT
            inside = f"{value.name}_double"
            _read(graph, value.name, inside)
            cast = helper.make_node("Cast", [value.name], [inside], to=TensorProto.DOUBLE)
            graph.node.insert(0, cast)
    for value in graph.output:
        kind = value.type.tensor_type
        if kind.elem_type == TensorProto.DOUBLE:
            kind.elem_type = TensorProto.FLOAT
            inside = f"{value.name}_double"
            _read(graph, value.name, inside)
            for node in graph.node:
                node.output[:] = [inside if each == value.name else each for each in node.output]
            cast = helper.make_node("Cast", [inside], [value.name], to=TensorProto.FLOAT)
            graph.node.append(cast)


def _read(graph: Any, name: str, instead: str) -> None:
    for node in graph.node:
        node.input[:] = [instead if each == name else each for each in node.input]
