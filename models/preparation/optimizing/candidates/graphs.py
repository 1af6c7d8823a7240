"""
Changes of the graph that keep its answers: they are held to fp32 like the conversion itself.

`graph` is only named here: to save the graph as ONNX Runtime works it out ends the making of every
candidate.
"""

import tempfile
from pathlib import Path
from typing import Any

from models.preparation.optimizing.variant import Variant, read, written
from models.preparation.parity.train_only import find, remove
from models.preparation.sources.source import Values
from wherry.errors import ConfigurationError
from wherry.ort import onnxruntime

GRAPH = "graph"
SILENT = 4
SAME = 0.99  # of the size


def _always(model: Any) -> str | None:
    del model
    return None


def _as_it_is(model: bytes, rows: Values) -> bytes:
    del rows
    return model


def folded(model: bytes, rows: Values) -> bytes:
    """
    By ONNX Runtime's level *basic*, which writes standard operators only.

    Raise ConfigurationError if that leaves it as it was.
    """
    del rows
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.intra_op_num_threads = 1
    options.log_severity_level = SILENT
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "folded.onnx")
        options.optimized_model_filepath = str(file)
        onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        made = written(read(file.read_bytes()))
    if len(made) > SAME * len(model) and len(read(made).graph.node) >= len(read(model).graph.node):
        raise ConfigurationError("the graph", "there is nothing to fold")
    return made


def _drops(model: Any) -> str | None:
    if find(model.SerializeToString()):
        return None
    return "there is nothing that only training needs"


def inferring(model: bytes, rows: Values) -> bytes:
    """Preparation does so of its own accord; a model that came as ONNX may still have it."""
    del rows
    return written(read(remove(model)))


VARIANTS = (
    Variant(GRAPH, "saved as ONNX Runtime works it out", "exact", _always, _as_it_is),
    Variant("folded", "constants worked out, standard operators", "exact", _always, folded),
    Variant("no_dropout", "without what only training needs", "exact", _drops, inferring),
)
