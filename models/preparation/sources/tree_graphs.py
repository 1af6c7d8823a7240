"""An ensemble of boosted trees as nodes of a graph that skl2onnx builds."""

from collections.abc import Callable
from typing import Any

import numpy as np

from models.preparation.sources import sklearn_trees
from models.preparation.sources.nodes import Graph
from models.preparation.sources.registering import Converter
from models.preparation.sources.trees import Ensemble
from models.preparation.steps.nodes import ML

Ensembles = Callable[[Any], Ensemble]
CLASSIFIES: dict[str, list[Any]] = {
    "zipmap": [True, False, "columns"], "nocl": [True, False], "raw_scores": [True, False],
    "output_class_labels": [False, True],
}  # fmt: skip


def converter_of(kind: type) -> Converter | None:
    """None if the class is no model of boosted trees that is read here."""
    ensembles = _reader(kind)
    if ensembles is None:
        return None
    from skl2onnx.common import shape_calculator as shapes

    alias = f"Trees{kind.__module__}{kind.__qualname__}"
    if hasattr(kind, "predict_proba"):
        shape = shapes.calculate_linear_classifier_output_shapes
        return Converter(alias, shape, _classifier(ensembles), CLASSIFIES, _parse_classifier)
    return Converter(alias, shapes.calculate_linear_regressor_output_shapes, _regression(ensembles))


def _parse_classifier(scope: Any, model: Any, inputs: Any, custom_parsers: Any = None) -> Any:
    """Two outputs: CatBoost's classifiers are derived from none of scikit-learn's classes."""
    del custom_parsers
    from skl2onnx._supported_operators import _get_sklearn_operator_name as name_of
    from skl2onnx.common.data_types import FloatTensorType, Int64TensorType

    operator = scope.declare_local_operator(name_of(type(model)), model)
    operator.inputs = inputs
    operator.outputs.append(scope.declare_local_variable("label", Int64TensorType()))
    operator.outputs.append(scope.declare_local_variable("probabilities", FloatTensorType()))
    return operator.outputs


def _reader(kind: type) -> Ensembles | None:
    """What tells the trees of an estimator of this class, or of one that it is derived from."""
    if sklearn_trees.is_read(kind):
        return sklearn_trees.ensemble_of
    for base in kind.__mro__:
        match base.__module__.partition(".")[0], base.__qualname__:
            case "models", "Boosted":
                return lambda estimator: estimator.ensemble
            case "xgboost", "XGBModel":
                from models.preparation.sources.xgboost_files import ensemble_of_estimator

                return ensemble_of_estimator
            case "lightgbm", "LGBMModel":
                from models.preparation.sources.lightgbm_files import (
                    ensemble_of_estimator as of_lightgbm,
                )

                return of_lightgbm
            case "catboost", "CatBoost":
                from models.preparation.sources.catboost_files import (
                    ensemble_of_estimator as of_catboost,
                )

                return of_catboost
    return None


def _regression(ensembles: Ensembles) -> Callable[[Any, Any, Any], None]:
    def convert(scope: Any, operator: Any, container: Any) -> None:
        graph = Graph(scope, container)
        told = _answer(graph, operator, ensembles(operator.raw_operator))
        graph.add("Identity", told, into=operator.outputs[0].full_name)

    return convert


def _classifier(ensembles: Ensembles) -> Callable[[Any, Any, Any], None]:
    """`label` is that of the largest probability; the first, where several are as large."""

    def convert(scope: Any, operator: Any, container: Any) -> None:
        from onnx import TensorProto

        graph, model = Graph(scope, container), operator.raw_operator
        ensemble = ensembles(model)
        told = _answer(graph, operator, ensemble)
        if ensemble.outputs == 1:
            other = graph.add("Sub", graph.constant([1.0], TensorProto.FLOAT), told)
            told = graph.add("Concat", other, told, axis=1)
        label, probabilities = (each.full_name for each in operator.outputs)
        graph.add("Identity", told, into=probabilities)
        classes = np.asarray(model.classes_)
        kind = TensorProto.INT64 if classes.dtype.kind in "iufb" else TensorProto.STRING
        named = graph.constant(
            classes.astype(np.int64) if kind == TensorProto.INT64 else classes, kind
        )
        largest = graph.add("ArgMax", told, axis=1, keepdims=0)
        graph.add("Gather", named, largest, into=label, axis=0)

    return convert


def _answer(graph: Graph, operator: Any, ensemble: Ensemble) -> str:
    """[rows, outputs]: the sum of the leaves, behind the link."""
    from onnx import TensorProto

    rows = graph.add("Cast", graph.joined(operator.inputs), to=TensorProto.FLOAT)
    told = graph.add(
        "TreeEnsembleRegressor", rows, op_domain=ML, op_version=3, **ensemble.attributes()
    )
    if ensemble.scale != 1:
        told = graph.add("Div", told, graph.constant([1 / ensemble.scale], TensorProto.FLOAT))
    match ensemble.link:
        case "logistic" | "each logistic":
            return graph.add("Sigmoid", told)
        case "softmax":
            return graph.add("Softmax", told, axis=1)
        case "exp":
            return graph.add("Exp", told)
        case "softplus":
            return graph.add("Softplus", told)
        case "signed square":
            return graph.add("Mul", told, graph.add("Abs", told))
    return told
