"""
The declared steps, folded into the model's own graph: one file, one session, no Python in between.

A graph before and a graph after are joined with the converted model by `onnx.compose`. They are
built at the model's own versions, since Resize cannot be converted down. The model's names get a
prefix, so that its `features` and a client's may both be there. What comes out has the protocol's
names, and is checked whole.
"""

from typing import Any

from models.preparation.convert import LABEL, PREDICTION, PROBABILITIES, pin
from models.preparation.steps.answers import LabelMap, Labels
from models.preparation.steps.nodes import Nodes
from models.preparation.steps.numbers import Scale, Softmax
from models.preparation.steps.pipeline import Steps
from wherry.manifest import TensorSpec
from wherry.protocol.datatypes import TO_NUMPY

CORE, READY = "model_", "pre_ready"
OPEN = -1


def fold(model: bytes, steps: Steps, tensor: TensorSpec, labels: Labels | None) -> bytes:
    """`tensor` is what the client sends; `labels` the estimator's, or None for a regression."""
    import onnx
    from onnx.compose import add_prefix, merge_models

    core = add_prefix(onnx.load_from_string(model), CORE)
    (taken,) = core.graph.input
    before = _at_the_versions_of(core, _before(steps, tensor, taken))
    joined = merge_models(before, core, io_map=[(READY, taken.name)])
    after = _at_the_versions_of(core, _after(steps, core, labels))
    folded = merge_models(
        joined, after, io_map=[(each.name, each.name) for each in after.graph.input]
    )
    pin(folded)
    _at_the_versions_of(core, folded)
    onnx.checker.check_model(folded, full_check=True)
    data: bytes = folded.SerializeToString(deterministic=True)
    return data


def _at_the_versions_of(core: Any, model: Any) -> Any:
    model.ir_version = core.ir_version
    versions = {each.domain: each.version for each in (*model.opset_import, *core.opset_import)}
    del model.opset_import[:]
    for domain, version in versions.items():
        model.opset_import.add(domain=domain, version=version)
    return model


def _before(steps: Steps, tensor: TensorSpec, taken: Any) -> Any:
    """What the model takes (`taken`) is the last tensor: of its rank, and float32."""
    from onnx import TensorProto

    nodes = Nodes("pre")
    x = nodes.add("Cast", tensor.name, to=TensorProto.FLOAT)
    for step in steps.pre:
        x = step.build(nodes, x)
    nodes.name("Identity", x, output=READY)
    ready = _value(READY, "FP32", (OPEN,) * len(taken.type.tensor_type.shape.dim))
    return _model(nodes, [_value(tensor.name, tensor.datatype, tensor.shape)], [ready])


def _after(steps: Steps, core: Any, labels: Labels | None) -> Any:
    """Each output that no step touches goes through as it is."""
    nodes = Nodes("post")
    found = {each.name.removeprefix(CORE): each for each in core.graph.output}
    last = {name: value.name for name, value in found.items()}
    numbers = PREDICTION if labels is None else PROBABILITIES
    for step in steps.post:
        if isinstance(step, Scale | Softmax):
            last[numbers] = step.build(nodes, last[numbers])
        elif labels is not None and isinstance(step, LabelMap):
            last[LABEL] = step.build(nodes, last[LABEL], labels)
            labels = step.renamed(labels)
        elif labels is not None and not isinstance(step, LabelMap):
            last[LABEL] = step.build(nodes, last[numbers], labels)
    for name, value in last.items():
        nodes.name("Identity", value, output=name)
    outputs = {name: _renamed(value, name) for name, value in found.items()}
    if labels is not None:
        outputs[LABEL] = _value(LABEL, "INT64" if isinstance(labels[0], int) else "BYTES", (OPEN,))
    return _model(nodes, list(found.values()), list(outputs.values()))


def _model(nodes: Nodes, inputs: list[Any], outputs: list[Any]) -> Any:
    from onnx import helper

    graph = helper.make_graph(nodes.nodes, "steps", inputs, outputs, nodes.initializers)
    model = helper.make_model(graph)
    pin(model)
    return model


def _value(name: str, datatype: str, shape: tuple[int, ...]) -> Any:
    from onnx import TensorProto, helper

    element = TensorProto.STRING
    if datatype != "BYTES":
        element = helper.np_dtype_to_tensor_dtype(TO_NUMPY[datatype])
    sizes = [None if size == OPEN else size for size in shape]
    return helper.make_tensor_value_info(name, element, sizes)


def _renamed(value: Any, name: str) -> Any:
    renamed = type(value)()
    renamed.CopyFrom(value)
    renamed.name = name
    return renamed
