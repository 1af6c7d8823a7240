"""
The first size of a graph's inputs, made open: a model is asked with one row, and with many.

An export with a fixed batch may have that number anywhere inside. So the opened graph is tried: it
must answer several rows as the fixed one answers them one after the other, or it is refused.
"""

from collections.abc import Sequence
from typing import Any

from models.preparation.sources.graphs import OPEN, attributes, every_graph, set_values, spec
from models.preparation.sources.running import (
    TRIED,
    Ask,
    alike,
    first_that_runs,
    in_parts,
    runner,
)
from wherry.errors import ConfigurationError
from wherry.manifest import TensorSpec

WHERE = "the network's batch"


def fixed_rows(inputs: Sequence[TensorSpec]) -> int | None:
    """How many rows it takes at once; None if any number."""
    without = [each.name for each in inputs if not each.shape]
    if without or not inputs:
        raise ConfigurationError(
            WHERE,
            f"{', '.join(without) or 'no input'} has no rows",
            "Export it with a batch as the first size of every input.",
        )
    sizes = {each.shape[0] for each in inputs} - {OPEN}
    if len(sizes) > 1:
        raise ConfigurationError(
            WHERE,
            f"the inputs have {' and '.join(map(str, sorted(sizes)))} rows",
            "Export it with one batch as the first size of every input.",
        )
    return sizes.pop() if sizes else None


def open_batch(model: Any, ask: Ask, rows: int, how: str) -> None:
    """`ask` is the original, of `rows` rows; `how` tells how to export it with an open batch."""
    inputs = [_opened(spec(each)) for each in model.graph.input]
    names = [each.name for each in model.graph.output]
    set_values(model.graph.input, inputs)
    _open_reshapes(model.graph, rows)
    for graph in every_graph(model.graph):
        del graph.value_info[:]
    for each in model.graph.output:
        if each.type.HasField("tensor_type"):
            each.type.tensor_type.ClearField("shape")
    infer_shapes(model)
    original = in_parts(ask, inputs, rows)
    arrays = first_that_runs(original, inputs, rows * TRIED + 1)
    if arrays is None or not alike(original, _runner(model), arrays):
        raise ConfigurationError(
            WHERE, f"it takes just {rows} at once, and {', '.join(names)} depend on it", how
        )


def check_rows(ask: Ask, inputs: Sequence[TensorSpec], names: Sequence[str]) -> None:
    """Each answer has as many rows as were asked, where a trial can tell."""
    arrays = first_that_runs(ask, inputs, TRIED)
    if arrays is None:
        return
    for name, answer in zip(names, ask(arrays), strict=True):
        if getattr(answer, "shape", (len(answer),))[:1] != (TRIED,):
            raise ConfigurationError(
                WHERE,
                f"{TRIED} rows give a {name} of {list(answer.shape)}",
                "Export it with the rows as the first size of every output.",
            )


def infer_shapes(model: Any) -> None:
    """Write down what shape inference finds."""
    import onnx

    model.CopyFrom(onnx.shape_inference.infer_shapes(model, data_prop=True))


def _open_reshapes(graph: Any, rows: int) -> None:
    """Exporters write the number of rows down where they flatten a row."""
    from onnx import numpy_helper

    kept = {each.name: each for each in graph.initializer}
    kept |= {
        node.output[0]: attributes(node)["value"]
        for node in graph.node
        if node.op_type == "Constant" and "value" in attributes(node)
    }
    for number, node in enumerate(graph.node):
        if node.op_type != "Reshape" or node.input[1] not in kept:
            continue
        shape = numpy_helper.to_array(kept[node.input[1]]).copy()
        if shape.ndim == 1 and shape[:1] == [rows] and OPEN not in shape:
            shape[0] = OPEN
            node.input[1] = f"open_shape_{number}"
            graph.initializer.append(numpy_helper.from_array(shape, node.input[1]))


def _opened(tensor: TensorSpec) -> TensorSpec:
    return TensorSpec(tensor.name, tensor.datatype, (OPEN, *tensor.shape[1:]))


def _runner(model: Any) -> Ask:
    try:
        return runner(model)
    except Exception:  # noqa: BLE001 - ONNX Runtime's errors share no base of their own
        return lambda _: ()
