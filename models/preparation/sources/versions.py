"""
An ONNX model's versions, brought to the house's own: IR 10, opset 18, ai.onnx.ml 3.

Where each operator of the graph is the same at both versions, only the number changes. Else ONNX's
converter tries, and what it makes must answer as before on rows that are made up; if not, the model
keeps its versions. Above what the pinned ONNX Runtime takes, nothing is kept.
"""

from typing import Any

from models.preparation.convert import IR_VERSION, OPSETS
from models.preparation.onnx_versions import LEAST, Accepted, accepted, takes
from models.preparation.sources.graphs import every_graph, every_node, spec
from models.preparation.sources.running import Ask, alike, first_that_runs, runner
from models.preparation.steps.nodes import ML
from wherry.errors import ConfigurationError

WHERE = "the ONNX file"
GROWN = {"TreeEnsembleClassifier", "TreeEnsembleRegressor"}  # in ai.onnx.ml 3
NEW_ELEMENTS = 23  # element types from here on need a later IR


def brought(model: Any, ask: Ask, rows: int) -> Any:
    """The model at the house's versions, or as near as its answers allow; `rows` to try it with."""
    bounds = accepted()
    ir = max(IR_VERSION, model.ir_version) if _is_new(model) else IR_VERSION
    model.ir_version = ir  # before the converter, which knows no weights that are no inputs in IR 3
    for domain, version in OPSETS.items():
        _relabel(model, domain, version)
    opset = version_of(model, "")
    if opset is not None and opset != OPSETS[""]:
        for wanted in dict.fromkeys((OPSETS[""], max(LEAST, min(opset, bounds.opset)))):
            converted = _converted(model, wanted, ask, rows) if wanted != opset else None
            if converted is not None:
                model = converted
                model.ir_version = ir
                break
    _check(model, bounds)
    return model


def version_of(model: Any, domain: str) -> int | None:
    return next((each.version for each in model.opset_import if each.domain == domain), None)


def _relabel(model: Any, domain: str, version: int) -> None:
    own = version_of(model, domain)
    operators = {node.op_type for node in every_node(model.graph) if node.domain == domain}
    if own is None or not all(_since(each, domain, own, version) for each in operators):
        return
    for each in model.opset_import:
        if each.domain == domain:
            each.version = version


def _since(operator: str, domain: str, one: int, other: int) -> bool:
    """Whether the operator is the same at both versions, or only takes more at the other."""
    from onnx import defs

    if domain == ML and one <= other and operator in GROWN:
        return True
    try:
        found = [defs.get_schema(operator, each, domain).since_version for each in (one, other)]
    except defs.SchemaError:
        return False
    return found[0] == found[1]


def _converted(model: Any, version: int, ask: Ask, rows: int) -> Any:
    from onnx import version_converter

    inputs = [spec(each) for each in model.graph.input]
    arrays = first_that_runs(ask, inputs, rows)
    if arrays is None:
        return None
    try:
        converted = version_converter.convert_version(model, version)
        answers = runner(converted)
    except Exception:  # noqa: BLE001 - what it cannot convert, it tells in many ways
        return None
    return converted if alike(ask, answers, arrays) else None


def _is_new(model: Any) -> bool:
    return any(
        each.data_type >= NEW_ELEMENTS
        for graph in every_graph(model.graph)
        for each in graph.initializer
    )


def _check(model: Any, bounds: Accepted) -> None:
    if not takes(model, bounds):
        raise ConfigurationError(
            WHERE,
            f"it has IR {model.ir_version} and the operators {_told(model)}; ONNX Runtime takes "
            f"IR {bounds.ir}, opset {bounds.opset} and {ML} {bounds.ml} at most",
            f"Export it at opset {OPSETS['']}.",
        )


def _told(model: Any) -> str:
    return ", ".join(f"{each.domain or 'ai.onnx'} {each.version}" for each in model.opset_import)
