"""
Puts the counting of tokens before a converted estimator: `input_ids` and `attention_mask` go in.

One graph, so that a release runs two steps, the tokenizer and this, and no matrix of counts is ever
made outside of it.
"""

from typing import Any

import numpy as np

from models.preparation.convert import pin
from models.preparation.steps.pipeline import INPUT

IDS, MASK = "input_ids", "attention_mask"


def with_bag(estimator: bytes, size: int) -> bytes:
    """`estimator` takes rows of `size` counts."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load_from_string(estimator)
    graph = model.graph
    tensors = [
        helper.make_tensor_value_info(name, TensorProto.INT64, [None, None]) for name in (IDS, MASK)
    ]
    nodes = [*_counting(), *graph.node]
    constants = {"bag_first": [0], "bag_second": [1], "bag_size": [size]}
    initializers = [
        numpy_helper.from_array(np.array(value, np.int64), name)
        for name, value in constants.items()
    ]
    del graph.node[:], graph.input[:]
    graph.node.extend(nodes)
    graph.input.extend(tensors)
    graph.initializer.extend(initializers)
    pin(model)
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def _counting() -> list[Any]:
    """Zeros of [rows, size], to which each token of a text, but not the padding, adds one."""
    from onnx import TensorProto, helper

    return [
        helper.make_node("Shape", [IDS], ["bag_shape"]),
        helper.make_node("Slice", ["bag_shape", "bag_first", "bag_second"], ["bag_rows"]),
        helper.make_node("Concat", ["bag_rows", "bag_size"], ["bag_counts_shape"], axis=0),
        helper.make_node("ConstantOfShape", ["bag_counts_shape"], ["bag_zeros"]),
        helper.make_node("Cast", [MASK], ["bag_ones"], to=TensorProto.FLOAT),
        helper.make_node(
            "ScatterElements",
            ["bag_zeros", IDS, "bag_ones"],
            [INPUT],
            axis=1,
            reduction="add",
        ),
    ]
