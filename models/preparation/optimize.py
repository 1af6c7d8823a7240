"""
The graph as ONNX Runtime would run it, worked out once here and not at every start.

At the level *extended*: what it does depends on the graph alone, while *all* would fit it to the
processor of this machine. So the same model gives the same bytes everywhere. It is kept only where
a session can load it as it is and lose nothing; else the model is sealed as it was converted, and
ONNX Runtime optimizes it at each start.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.sources.graphs import every_node
from wherry.ort import onnxruntime
from wherry.session import Session

DOMAINS = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"}  # ONNX's own, and ONNX Runtime's
LAID_OUT = {"Conv", "FusedConv", "QLinearConv"}  # faster in a processor's own layout: level *all*
GROWTH = 1.5  # beyond it, constants were computed that cost more to fetch than to compute
SILENT = 4
CLOSE = 1e-6


def optimized(model: bytes, feeds: Mapping[str, NDArray[Any]]) -> bytes | None:
    """The optimized graph, or None; on `feeds` it answers like `model`."""
    import onnx

    graph = onnx.load_from_string(_saved(model))
    used = {node.domain for node in every_node(graph.graph)}
    operators = {node.op_type for node in every_node(graph.graph)}
    if not used <= DOMAINS or operators & LAID_OUT:
        return None
    _name_once(graph, used | set(opsets(model)))
    data: bytes = graph.SerializeToString(deterministic=True)
    return data if len(data) <= GROWTH * len(model) and _alike(model, data, feeds) else None


def opsets(model: bytes) -> dict[str, int]:
    """The version of each domain that a model needs."""
    import onnx

    return {each.domain: each.version for each in onnx.load_from_string(model).opset_import}


def _saved(model: bytes) -> bytes:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.intra_op_num_threads = 1
    options.log_severity_level = SILENT
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "optimized.onnx")
        options.optimized_model_filepath = str(file)
        onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        return file.read_bytes()


def _name_once(model: Any, used: set[str]) -> None:
    """ONNX Runtime imports all that it knows, some of it twice; only what is used is kept."""
    versions = {each.domain: each.version for each in model.opset_import if each.domain in used}
    del model.opset_import[:]
    for domain in sorted(versions):
        model.opset_import.add(domain=domain, version=versions[domain])


def _alike(model: bytes, other: bytes, feeds: Mapping[str, NDArray[Any]]) -> bool:
    before, after = Session(model, threads=1), Session(other, threads=1, optimized=True)
    if (before.inputs, before.outputs) != (after.inputs, after.outputs):
        return False
    names = list(before.outputs)
    return all(map(_same, before.run(names, feeds), after.run(names, feeds)))


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    if one.dtype.kind != "f":
        return np.array_equal(one, other)
    return one.shape == other.shape and np.allclose(one, other, CLOSE, CLOSE, equal_nan=True)
