"""
Scalers as scikit-learn computes them: each step in float64 and its result rounded to float32; of
StandardScaler, in float32 throughout.

ONNX's Scaler multiplies by a rounded reciprocal. The last bit that differs sends a row that lies on
a threshold of the trees behind it the wrong way, and boosting puts thresholds on rows.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from models.preparation.sources.nodes import Graph
from models.preparation.sources.registering import Converter

Steps = list[tuple[str, Any]]


def converter_of(kind: type) -> Converter | None:
    """None if the class is no scaler of these."""
    if kind.__module__ != "sklearn.preprocessing._data" or kind.__qualname__ not in STEPS:
        return None
    return Converter(f"Exact{kind.__qualname__}", _shape, _convert)


def _standard(scaler: Any) -> Steps:
    mean = [("Sub", scaler.mean_)] if scaler.with_mean else []
    return [*mean, ("Div", scaler.scale_)] if scaler.with_std else mean


def _robust(scaler: Any) -> Steps:
    center = [("Sub", scaler.center_)] if scaler.with_centering else []
    return [*center, ("Div", scaler.scale_)] if scaler.with_scaling else center


def _min_max(scaler: Any) -> Steps:
    steps = [("Mul", scaler.scale_), ("Add", scaler.min_)]
    if scaler.clip:
        steps += [("Max", scaler.feature_range[0]), ("Min", scaler.feature_range[1])]
    return steps


STEPS: dict[str, Callable[[Any], Steps]] = {
    "StandardScaler": _standard,
    "RobustScaler": _robust,
    "MinMaxScaler": _min_max,
    "MaxAbsScaler": lambda scaler: [("Div", scaler.scale_)],
}


def _shape(operator: Any) -> None:
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

    first = operator.inputs[0].type
    kind = DoubleTensorType if isinstance(first, DoubleTensorType) else FloatTensorType
    columns = sum(each.type.shape[1] for each in operator.inputs)
    operator.outputs[0].type = kind([first.shape[0], columns])


def _convert(scope: Any, operator: Any, container: Any) -> None:
    from onnx import TensorProto
    from skl2onnx.common.data_types import FloatTensorType

    graph = Graph(scope, container)
    rows = graph.joined(operator.inputs)
    single = isinstance(operator.inputs[0].type, FloatTensorType)
    scaler = operator.raw_operator
    for name, value in STEPS[type(scaler).__name__](scaler):
        rounded = np.asarray(
            value, np.float32 if single and hasattr(scaler, "mean_") else np.float64
        )
        constant = graph.constant(rounded.astype(np.float64), TensorProto.DOUBLE)
        rows = graph.add(name, graph.add("Cast", rows, to=TensorProto.DOUBLE), constant)
        if single:
            rows = graph.add("Cast", rows, to=TensorProto.FLOAT)
    kind = operator.outputs[0].type.to_onnx_type().tensor_type.elem_type
    graph.add("Cast", rows, into=operator.outputs[0].full_name, to=kind)
