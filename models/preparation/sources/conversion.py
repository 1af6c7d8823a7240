"""
An estimator to ONNX, by skl2onnx: on a copy that is prepared, to a graph whose names are ours.

What skl2onnx would convert to something that answers otherwise is mended on the copy, or refused;
silence is the only failure.
"""

import copy
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np

from models.preparation.convert import LABEL, OPSETS, PREDICTION, PROBABILITIES, pin
from models.preparation.extras import need
from models.preparation.sources.columns import Columns
from models.preparation.sources.doubles import DOUBLES, singles_outside
from models.preparation.sources.gaps import keep_gaps
from models.preparation.sources.naming import rename
from models.preparation.sources.outputs import SCORES, TASKS, TRANSFORMED, Role
from models.preparation.sources.parts import last_of, parts
from models.preparation.sources.refused import check_sound
from models.preparation.sources.thresholds import round_thresholds
from wherry.errors import ConfigurationError, WherryError

NAMES: dict[Role, tuple[str, ...]] = {
    "probabilities": (LABEL, PROBABILITIES), "decision": (LABEL, SCORES),
    "regression": (PREDICTION,), "outliers": (LABEL, SCORES), "clusters": (LABEL, SCORES),
    "transformer": (TRANSFORMED,),
}  # fmt: skip
FIRST_LINE = 240  # characters of what skl2onnx says; its lists of all that it knows are longer


def converted(estimator: Any, columns: Columns, role: Role) -> bytes:
    """Raise ConfigurationError, with what to do, if the estimator cannot be converted."""
    need()
    import onnx

    model = _graph(_prepared(estimator), columns, role)
    keep_gaps(model, estimator)
    _check_plain(estimator, model)
    rename(model.graph, columns.renamed(), NAMES[role])
    singles_outside(model)
    pin(model)
    _shape_outputs(_measured(model), role)
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def _prepared(estimator: Any) -> Any:
    """A copy for the converter, which is never asked."""
    check_sound(estimator)
    prepared = copy.deepcopy(estimator)
    round_thresholds(prepared)
    for each in parts(prepared):
        if hasattr(each, "flatten_transform"):  # of `transform` alone, and unknown to skl2onnx
            each.flatten_transform = False
        if hasattr(each, "transformers_") and hasattr(each, "_transformer_to_input_indices"):
            _count_columns(each)
        if hasattr(each, "statistics_") and hasattr(each, "missing_values"):
            _check_imputer(each)
    return prepared


def _count_columns(transformer: Any) -> None:
    """Columns by number: names are those of a data frame, and a table of numbers has none."""
    indices = transformer._transformer_to_input_indices  # noqa: SLF001 - told nowhere else
    transformer.transformers_ = [
        (name, each, list(indices[name])) for name, each, _ in transformer.transformers_
    ]


def _check_imputer(imputer: Any) -> None:
    """skl2onnx drops the indicator in silence. A missing text is the empty one."""
    statistics = np.asarray(imputer.statistics_, dtype=object)
    if getattr(imputer, "add_indicator", False) or any(each != each for each in statistics):  # noqa: PLR0124 - NaN
        raise ConfigurationError(
            type(imputer).__name__,
            "it adds columns that tell what was missing, or leaves columns out that were empty",
            "Train without add_indicator, and without columns that are missing throughout.",
        )
    if any(isinstance(each, str) for each in statistics):
        imputer.missing_values = ""


def _graph(estimator: Any, columns: Columns, role: Role) -> Any:
    from skl2onnx import to_onnx

    from models.preparation.sources.registered import register

    register(estimator)
    try:
        with warnings.catch_warnings(action="ignore"):  # skl2onnx's own, of NumPy's deprecations
            return to_onnx(
                estimator,
                initial_types=_types(columns, double=needs_double(estimator)),
                target_opset=OPSETS,
                options=_options(estimator, role),
            )
    except WherryError:
        raise
    except Exception as error:
        raise _refused(estimator, error) from error


def needs_double(estimator: Any) -> bool:
    """Whether a part of it is computed in float64."""
    return any(type(each).__name__ in DOUBLES for each in parts(estimator))


def _options(estimator: Any, role: Role) -> dict[Any, Any] | None:
    """LinearSVC is the one classifier that has no zipmap, alone or at the end of a pipeline."""
    last = last_of(estimator)
    if type(last).__name__ == "LinearSVC":
        return {id(last): {"raw_scores": True}}
    if TASKS[role] != "classification":
        return None
    return {"zipmap": False} | ({"raw_scores": True} if role == "decision" else {})


def _types(columns: Columns, *, double: bool) -> list[tuple[str, Any]]:
    from skl2onnx.common.data_types import (
        DoubleTensorType,
        FloatTensorType,
        Int64TensorType,
        StringTensorType,
    )

    number = DoubleTensorType if double else FloatTensorType
    kinds = {"FP32": number, "INT64": Int64TensorType, "BYTES": StringTensorType, "drop": number}
    if not columns.apart:
        (table,) = columns.specs()
        return [(table.name, number([None, table.shape[1]]))]
    return [
        (name, kinds[kind]([None, 1]))
        for name, kind in zip(columns.plain(), columns.kinds, strict=True)
    ]


def _refused(estimator: Any, error: Exception) -> ConfigurationError:
    """Which step it is, in a line: skl2onnx lists all that it knows."""
    told = f"{type(error).__name__}: {error}".partition("\n")[0][:FIRST_LINE].rstrip(". ")
    name = _blamed(parts(estimator), str(error))
    where = type(estimator).__name__ if name is None else f"{type(estimator).__name__}: {name}"
    return ConfigurationError(
        where if name != type(estimator).__name__ else name,
        f"skl2onnx cannot convert it ({told})",
        "Choose another estimator, or leave the step out and declare what it does as "
        "[[pipeline.pre]].",
    )


def _blamed(steps: Iterable[Any], told: str) -> str | None:
    names = {type(each).__name__ for each in steps if hasattr(each, "get_params")}
    named = [
        name for name in names if f"{name}'" in told or f"{name}(" in told or f"{name} " in told
    ]
    return max(named, key=len) if named else None


def _check_plain(estimator: Any, model: Any) -> None:
    """Functions of a model's own, and operators of others, are refused where models are served."""
    others = {each.domain for each in model.graph.node} - OPSETS.keys()
    if model.functions or others:
        raise ConfigurationError(
            type(estimator).__name__,
            "what skl2onnx makes of it is no plain model, or fails on some rows",
            "Learn from token counts, as models/topics does."
            if "com.microsoft" in others
            else "Choose another estimator.",
        )


def _measured(model: Any) -> Any:
    """The graph, with the shapes that its outputs have; some converters declare others."""
    from onnx import shape_inference

    del model.graph.value_info[:]
    open_ended = copy.deepcopy(model)
    for value in open_ended.graph.output:
        value.type.tensor_type.ClearField("shape")
    inferred = shape_inference.infer_shapes(open_ended).graph.output
    for value, better in zip(model.graph.output, inferred, strict=True):
        if better.type.tensor_type.HasField("shape"):
            value.CopyFrom(better)
    return model.graph


def _shape_outputs(graph: Any, role: Role) -> None:
    """`label` is [-1] and numbers are [-1, k], however the converter has them."""
    from onnx import helper, numpy_helper

    for value in graph.output:
        kind = value.type.tensor_type
        wanted = 1 if value.name == LABEL else 2
        if role == "transformer" or len(kind.shape.dim) == wanted:
            continue
        inside, shape = f"{value.name}_shaped", f"{value.name}_shape"
        for node in graph.node:
            node.input[:] = [inside if each == value.name else each for each in node.input]
            node.output[:] = [inside if each == value.name else each for each in node.output]
        sizes = np.array([-1] if wanted == 1 else [-1, 1], np.int64)
        graph.initializer.append(numpy_helper.from_array(sizes, shape))
        graph.node.append(helper.make_node("Reshape", [inside, shape], [value.name]))
        dims: list[int | None] = [None] if wanted == 1 else [None, 1]
        value.CopyFrom(helper.make_tensor_value_info(value.name, kind.elem_type, dims))
