"""
Tiny real ONNX models, and artifacts sealed from them: what the runtime's tests load.

Each is built by hand with the house's own IR and opset, so that no training library is needed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from onnx import (
    ModelProto,
    NodeProto,
    TensorProto,
    ValueInfoProto,
    helper,
    numpy_helper,
)

from wherry.artifact import Artifact
from wherry.manifest import GOLDEN, MODEL, Feature, Manifest, Parity, TensorSpec
from wherry.protocol.datatypes import FROM_JSON, FROM_ONNX, TO_NUMPY

IR_VERSION, OPSET = 10, 18

ELEMENT: Mapping[str, int] = {
    "BOOL": TensorProto.BOOL, "UINT8": TensorProto.UINT8, "UINT16": TensorProto.UINT16,
    "UINT32": TensorProto.UINT32, "UINT64": TensorProto.UINT64, "INT8": TensorProto.INT8,
    "INT16": TensorProto.INT16, "INT32": TensorProto.INT32, "INT64": TensorProto.INT64,
    "FP16": TensorProto.FLOAT16, "FP32": TensorProto.FLOAT, "FP64": TensorProto.DOUBLE,
    "BF16": TensorProto.BFLOAT16, "BYTES": TensorProto.STRING,
}  # fmt: skip
DATATYPES = tuple(TO_NUMPY)
JSON_DATATYPES = tuple(FROM_JSON)
# ONNX Runtime's Python takes BF16 only beside tensors that are no text.
TOGETHER = tuple(name for name in DATATYPES if name != "BF16")
assert ELEMENT.keys() == TO_NUMPY.keys() == set(FROM_ONNX.values())

PARITY = Parity(rows=1, label_agreement=1.0, max_absolute_error=0.0, tolerance=1e-5)


def spec(name: str, datatype: str = "FP32", shape: Sequence[int] = (-1,)) -> TensorSpec:
    """A tensor as the manifest tells it."""
    return TensorSpec(name=name, datatype=datatype, shape=tuple(shape))  # type: ignore[arg-type] # checked by msgspec


def onnx_model(
    nodes: Sequence[NodeProto],
    inputs: Sequence[TensorSpec],
    outputs: Sequence[TensorSpec],
    constants: Mapping[str, Any] | None = None,
) -> ModelProto:
    """A model of `nodes`; `constants` become initializers."""
    initializers = [
        numpy_helper.from_array(np.asarray(value), name)
        for name, value in (constants or {}).items()
    ]
    graph = helper.make_graph(
        list(nodes), "graph", list(map(_value, inputs)), list(map(_value, outputs)), initializers
    )
    opsets = [helper.make_opsetid("", OPSET)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)


def sealed(
    model: ModelProto,
    inputs: Sequence[TensorSpec],
    outputs: Sequence[TensorSpec],
    *,
    name: str = "tiny",
    features: Sequence[Feature] = (),
) -> Artifact:
    """An artifact of `model` whose manifest promises `inputs` and `outputs`."""
    manifest = Manifest(
        model=name,
        task="regression",
        estimator="by hand",
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        features=tuple(features),
        ir_version=IR_VERSION,
        opsets={"": OPSET},
        libraries={},
        training_data_sha256="0" * 64,
        metrics={},
        parity=PARITY,
        files={},
    )
    return Artifact.seal(manifest, {MODEL: model.SerializeToString()})


def identity(datatype: str = "FP32", shape: Sequence[int] = (-1,)) -> Artifact:
    """`y` is `x`, for any datatype and shape."""
    return one_step("Identity", datatype, shape)


def one_step(operator: str, datatype: str = "FP32", shape: Sequence[int] = (-1,)) -> Artifact:
    """`y` is one operator applied to `x`."""
    inputs, outputs = [spec("x", datatype, shape)], [spec("y", datatype, shape)]
    node = helper.make_node(operator, ["x"], ["y"])
    return sealed(onnx_model([node], inputs, outputs), inputs, outputs)


def every_datatype() -> Artifact:
    """`y_fp32` is `x_fp32`, and so for each of TOGETHER: rows of two."""
    inputs = [spec(f"x_{told.lower()}", told, (-1, 2)) for told in TOGETHER]
    outputs = [spec(f"y_{told.lower()}", told, (-1, 2)) for told in TOGETHER]
    nodes = [
        helper.make_node("Identity", [x.name], [y.name])
        for x, y in zip(inputs, outputs, strict=True)
    ]
    return sealed(onnx_model(nodes, inputs, outputs), inputs, outputs, name="every")


def scaled(factor: float = 2.0, *, name: str = "tiny") -> Artifact:
    """`prediction` is the sum of four features, times `factor`; `doubled` is the features twice."""
    inputs = [spec("features", "FP32", (-1, 4))]
    outputs = [spec("prediction", "FP32", (-1, 1)), spec("doubled", "FP32", (-1, 4))]
    nodes = [
        helper.make_node("MatMul", ["features", "weights"], ["prediction"]),
        helper.make_node("Add", ["features", "features"], ["doubled"]),
    ]
    weights = {"weights": np.full((4, 1), factor, np.float32)}
    features = [Feature(name=f"f{i}", example=float(i)) for i in range(4)]
    model = onnx_model(nodes, inputs, outputs, weights)
    return sealed(model, inputs, outputs, name=name, features=features)


def scaled_with_golden() -> Artifact:
    """The same with golden examples, which nobody reads here."""
    plain = scaled()
    return Artifact.seal(plain.manifest, {MODEL: plain.files[MODEL], GOLDEN: b"{}"})


def two_inputs(operator: str = "Add", shape: Sequence[int] = (-1, 2)) -> Artifact:
    """`y` is an operator of `a` and `b`."""
    inputs = [spec("a", "FP32", shape), spec("b", "FP32", shape)]
    outputs = [spec("y", "FP32", shape)]
    node = helper.make_node(operator, ["a", "b"], ["y"])
    return sealed(onnx_model([node], inputs, outputs), inputs, outputs)


def lookup() -> Artifact:
    """`y` is the element of a table of three at `x`: a model that refuses some values."""
    inputs, outputs = [spec("x", "INT64")], [spec("y")]
    node = helper.make_node("Gather", ["table", "x"], ["y"])
    table = {"table": np.array([10, 20, 30], np.float32)}
    return sealed(onnx_model([node], inputs, outputs, table), inputs, outputs)


def _value(tensor: TensorSpec) -> ValueInfoProto:
    shape = [None if size < 0 else size for size in tensor.shape]
    return helper.make_tensor_value_info(tensor.name, ELEMENT[tensor.datatype], shape)
