"""
Encoders of categories, each a lookup: which category it is, and what stands for that.

skl2onnx's own truncate 1.5 to the category 1, answer an unknown category where scikit-learn refuses
it, and know few of their options. An unknown category that the encoder refuses makes the model
refuse the request.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.sources.nodes import Graph
from models.preparation.sources.registering import Converter
from models.preparation.steps.nodes import ML
from wherry.errors import ConfigurationError

MODULES = {"sklearn.preprocessing._encoders", "sklearn.preprocessing._target_encoder"}


def converter_of(kind: type) -> Converter | None:
    """None if the class is no encoder of these."""
    builders = {"OneHotEncoder": _one_hot, "OrdinalEncoder": _ordinal, "TargetEncoder": _target}
    if kind.__module__ not in MODULES or kind.__qualname__ not in builders:
        return None
    build = builders[kind.__qualname__]

    def convert(scope: Any, operator: Any, container: Any) -> None:
        graph, encoder = Graph(scope, container), operator.raw_operator
        columns = _columns(graph, operator)
        parts = [build(graph, encoder, number, each) for number, each in enumerate(columns)]
        told = graph.add("Concat", *parts, axis=1) if len(parts) > 1 else parts[0]
        kind = operator.outputs[0].type.to_onnx_type().tensor_type.elem_type
        graph.add("Cast", told, into=operator.outputs[0].full_name, to=kind)

    return Converter(f"Lookup{kind.__qualname__}", _shape, convert)


def _shape(operator: Any) -> None:
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

    first = operator.inputs[0].type
    kind = DoubleTensorType if isinstance(first, DoubleTensorType) else FloatTensorType
    width = len(operator.raw_operator.get_feature_names_out())
    operator.outputs[0].type = kind([first.shape[0], width])


@dataclass(frozen=True)
class _Column:
    """[rows, 1], of the kind "strings", "int64s" or "floats"."""

    name: str
    kind: str


def _columns(graph: Graph, operator: Any) -> list[_Column]:
    from onnx import TensorProto
    from skl2onnx.common import data_types as types

    found = []
    for each in operator.inputs:
        if isinstance(each.type, types.StringTensorType):
            name, kind = each.full_name, "strings"
        elif isinstance(each.type, types.Int64TensorType):
            name, kind = each.full_name, "int64s"
        else:
            name, kind = graph.add("Cast", each.full_name, to=TensorProto.FLOAT), "floats"
        width = each.type.shape[1]
        for place in range(width):
            index = graph.constant([place], TensorProto.INT64)
            column = name if width == 1 else graph.add("Gather", name, index, axis=1)
            found.append(_Column(column, kind))
    return found


def _which(graph: Graph, column: _Column, categories: NDArray[Any], *, refuses: bool) -> str:
    """The number of the category, [rows, 1]; of an unknown one, how many there are."""
    from onnx import TensorProto

    known = categories.tolist()
    missing = [number for number, each in enumerate(known) if _is_missing(each)]
    keys = {number: each for number, each in enumerate(known) if number not in missing}
    count = len(known)
    if column.kind == "strings":
        _check_texts(keys, missing)
        keys |= dict.fromkeys(missing[:1], "")
    told: dict[str, Any] = {
        f"keys_{column.kind}": _keys(column.kind, keys) or [_no_key(column.kind)],
        "values_int64s": list(keys) or [count],
        "default_int64": count,
    }
    index = graph.add("LabelEncoder", column.name, op_domain=ML, op_version=2, **told)
    if missing and column.kind == "floats":
        number = graph.constant([missing[0]], TensorProto.INT64)
        index = graph.add("Where", graph.add("IsNaN", column.name), number, index)
    if refuses:  # the runtime refuses a number that is out of range
        index = graph.add("Gather", graph.constant([*range(count)], TensorProto.INT64), index)
    return index


def _is_missing(category: Any) -> bool:
    return category is None or (isinstance(category, float) and np.isnan(category))


def _keys(kind: str, keys: dict[int, Any]) -> list[Any]:
    if kind == "strings":
        return [str(each).encode() for each in keys.values()]
    if kind == "int64s":
        return [int(each) for each in keys.values()]
    inexact = [each for each in keys.values() if float(np.float32(each)) != each]
    if inexact:
        raise ConfigurationError(
            "the model's categories",
            f"{inexact[0]!r} is a category, and no float32: what clients send is never equal to it",
            "Train on whole numbers or texts in that column.",
        )
    return [float(each) for each in keys.values()]


def _no_key(kind: str) -> Any:
    """Of a column without a category: any key does, as it stands for an unknown one."""
    return {"strings": b"", "int64s": 0, "floats": 0.0}[kind]


def _check_texts(keys: dict[int, Any], missing: list[int]) -> None:
    if (missing and "" in keys.values()) or len(missing) > 1:
        raise ConfigurationError(
            "the model's categories",
            "what is missing is told in two ways there, and clients send an empty text for both",
            "Train with one of them in that column.",
        )
    odd = [each for each in keys.values() if not isinstance(each, str)]
    if odd:
        raise ConfigurationError(
            "the model's categories",
            f"{odd[0]!r} is one among texts",
            "Train on texts alone in that column.",
        )


def _grouped(encoder: Any, number: int) -> tuple[NDArray[np.int64], int | None]:
    """What each category counts as, rare ones being one; and what an unknown one counts as."""
    categories = encoder.categories_[number]
    if not getattr(encoder, "_infrequent_enabled", False):
        return np.arange(len(categories)), None
    mapping = encoder._default_to_infrequent_mappings[number]  # noqa: SLF001 - told nowhere else
    if mapping is None:
        return np.arange(len(categories)), None
    rare = encoder._infrequent_indices[number][0]  # noqa: SLF001 - as above
    return np.asarray(mapping), int(mapping[rare])


def _one_hot(graph: Graph, encoder: Any, number: int, column: _Column) -> str:
    from onnx import TensorProto

    counts_as, rare = _grouped(encoder, number)
    refuses = encoder.handle_unknown == "error"
    index = _which(graph, column, encoder.categories_[number], refuses=refuses)
    unknown = rare if rare is not None and encoder.handle_unknown != "ignore" else -1
    table = graph.constant([*counts_as.tolist(), unknown], TensorProto.INT64)
    place = graph.add("Gather", table, index)
    kept = [*range(int(counts_as.max()) + 1)]
    dropped = encoder._drop_idx_after_grouping  # noqa: SLF001 - drop_idx_ is of before
    if dropped is not None and dropped[number] is not None:
        kept.remove(dropped[number])
    hot = graph.add("Equal", place, graph.constant([kept], TensorProto.INT64))
    return graph.add("Cast", hot, to=TensorProto.FLOAT)


def _ordinal(graph: Graph, encoder: Any, number: int, column: _Column) -> str:
    categories = encoder.categories_[number]
    counts_as, _ = _grouped(encoder, number)
    there = [not _is_missing(each) for each in categories.tolist()]
    values = np.full(len(there), encoder.encoded_missing_value, np.float64)
    values[there] = counts_as[: sum(there)]
    refuses = encoder.handle_unknown == "error"
    unknown = np.nan if refuses else float(encoder.unknown_value)
    index = _which(graph, column, categories, refuses=refuses)
    return _looked_up(graph, [*values.tolist(), unknown], index)


def _target(graph: Graph, encoder: Any, number: int, column: _Column) -> str:
    index = _which(graph, column, encoder.categories_[number], refuses=False)
    means = np.atleast_1d(encoder.target_mean_)
    width = len(encoder.encodings_) // len(encoder.categories_)
    parts = [
        _looked_up(graph, [*encoder.encodings_[number * width + each], means[each]], index)
        for each in range(width)
    ]
    return parts[0] if width == 1 else graph.add("Concat", *parts, axis=1)


def _looked_up(graph: Graph, values: list[float], index: str) -> str:
    from onnx import TensorProto

    return graph.add("Gather", graph.constant(values, TensorProto.FLOAT), index)
