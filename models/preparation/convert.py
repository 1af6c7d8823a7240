"""
Conversion: what all converted models have in common, whatever converted them.

Versions are written down, never left to the newest default (onnx writes models that the newest
onnxruntime refuses): IR 10, opset 18, ai.onnx.ml 3. One float32 input `features`; `label` and
`probabilities` (no ZipMap), or `prediction`. The same estimator gives the same bytes.
"""

from typing import Any

from models.preparation.sources.source import Task
from models.preparation.steps.answers import Labels
from wherry.manifest import Datatype, TensorSpec

IR_VERSION = 10
OPSETS = {"": 18, "ai.onnx.ml": 3}
LABEL, PROBABILITIES, PREDICTION = "label", "probabilities", "prediction"


def convert(estimator: Any, *, columns: int, task: Task) -> bytes:
    """Raise ConfigurationError if the estimator cannot be converted, or is none of this task."""
    from models.preparation.sources.estimators import EstimatorSource

    return EstimatorSource(estimator, columns=columns, task=task).convert()


def outputs_of(labels: Labels | None) -> tuple[TensorSpec, ...]:
    """What a converted estimator answers; `labels` are None of a regression."""
    if labels is None:
        return (TensorSpec(name=PREDICTION, datatype="FP32", shape=(-1, 1)),)
    text = isinstance(labels[0], str)
    return (
        TensorSpec(name=LABEL, datatype="BYTES" if text else "INT64", shape=(-1,)),
        TensorSpec(name=PROBABILITIES, datatype="FP32", shape=(-1, len(labels))),
    )


def pin(model: Any) -> None:
    """Who builds a graph writes the least version that each operator needs, some domains twice."""
    import onnx

    model.ir_version = IR_VERSION
    del model.opset_import[:]
    model.opset_import.extend(onnx.helper.make_opsetid(*each) for each in OPSETS.items())
    model.doc_string = model.graph.doc_string = ""
    model.graph.name = "model"


def tensors_of(model: bytes) -> tuple[TensorSpec, ...]:
    """The outputs of a converted model; a size that is open is -1."""
    import onnx

    return tuple(map(_tensor, onnx.load_from_string(model).graph.output))


def _tensor(value: Any) -> TensorSpec:
    import onnx

    kind = value.type.tensor_type
    name = onnx.TensorProto.DataType.Name(kind.elem_type).lower()
    sizes = [each.dim_value or -1 for each in kind.shape.dim]
    return TensorSpec(value.name, _DATATYPES[name], (-1, *sizes[1:]))


_DATATYPES: dict[str, Datatype] = {
    "float": "FP32", "double": "FP64", "int64": "INT64", "int32": "INT32", "string": "BYTES",
    "bool": "BOOL",
}  # fmt: skip
