"""
Conversion: a scikit-learn estimator to one ONNX file that the pinned ONNX Runtime takes.

Versions are written down, never left to the newest default (onnx writes models that the newest
onnxruntime refuses): IR 10, opset 18, ai.onnx.ml 3. One float32 input `features`; `label` and
`probabilities` (no ZipMap), or `prediction`. The same estimator gives the same bytes.
"""

from typing import Any

from models.preparation.extras import need
from models.preparation.steps.answers import Labels
from models.preparation.steps.pipeline import INPUT
from wherry.errors import ConfigurationError
from wherry.manifest import TensorSpec

IR_VERSION = 10
OPSETS = {"": 18, "ai.onnx.ml": 3}
LABEL, PROBABILITIES, PREDICTION = "label", "probabilities", "prediction"


def convert(estimator: Any, *, columns: int, task: str) -> bytes:
    """Raise ConfigurationError if skl2onnx does not know the estimator."""
    need()
    import onnx
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType

    classifies = task == "classification"
    try:
        model = to_onnx(
            estimator,
            initial_types=[(INPUT, FloatTensorType([None, columns]))],
            target_opset=OPSETS,
            options={"zipmap": False} if classifies else None,
            final_types=None if classifies else [(PREDICTION, FloatTensorType([None, 1]))],
        )
    except Exception as error:
        raise ConfigurationError(
            type(estimator).__name__,
            f"skl2onnx cannot convert it ({type(error).__name__}: {error})",
            "Choose another estimator.",
        ) from error
    pin(model)
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


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
