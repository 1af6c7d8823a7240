"""Small graphs by hand: `x` of four columns to `y`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

ROWS = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)


def node(operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> NodeProto:
    return helper.make_node(operator, list(inputs), [output], **attributes)


def model(
    *nodes: NodeProto,
    rows: int | str = "n",
    width: int = 3,
    opset: int = 18,
    ir: int = 10,
    **constants: Any,
) -> onnx.ModelProto:
    """`x` of four columns to `y` of `width`; `w` are weights."""
    constants.setdefault("w", np.linspace(-1, 1, 4 * width).reshape(4, width).astype(np.float32))
    graph = helper.make_graph(
        list(nodes) or [node("MatMul", ["x", "w"], "y")],
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [rows, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [rows, width])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=ir)


def written(file: Path, told: onnx.ModelProto) -> Path:
    file.write_bytes(told.SerializeToString())
    return file
