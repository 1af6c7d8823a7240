"""
An ONNX file, whoever exported it: checked, at versions that are served, as one file.

Its reference is the file as it came, but for what only training needs, run without optimization.
It is opened in the confined child only: ONNX's own converter and ONNX Runtime meet bytes here that
nobody has vouched for.
"""

from importlib.metadata import version
from pathlib import Path
from typing import Any

from models.preparation.parity.train_only import find, remove
from models.preparation.sources.batch import fixed_rows
from models.preparation.sources.graphs import inputs_of, spec
from models.preparation.sources.meaning import without_maps
from models.preparation.sources.network import Network, Told
from models.preparation.sources.options import Options
from models.preparation.sources.running import TRIED, in_parts, runner
from models.preparation.sources.source import Source
from models.preparation.sources.versions import brought, version_of
from models.preparation.untrusted.onnx_files import MOST_BYTES, checked
from wherry.errors import UnsafeError

OPEN_BATCH = "Export it with an open first size (`dynamic_axes`, `dynamic_shapes`) of each input."


def opened(path: Path, options: Options) -> Source:
    """Raise ConfigurationError, or UnsafeError, with what to do instead."""
    model, left = _read(path)
    ask = runner(model)
    inputs = [spec(each) for each in inputs_of(model.graph)]
    rows = fixed_rows(inputs)
    told = Told(
        estimator=f"ONNX {_writer(model)}",
        how=OPEN_BATCH,
        libraries={name: version(name) for name in ("onnx", "onnxruntime")},
        notes=left,
    )
    _drop_weights(model)
    options = without_maps(model, options)
    at_house = brought(model, in_parts(ask, inputs, rows), rows or TRIED)
    return Network(at_house, ask, options, told)


def _read(path: Path) -> tuple[Any, tuple[str, ...]]:
    """The graph as it infers, and what was taken out of it for that: it would answer by chance."""
    import onnx

    if path.stat().st_size > MOST_BYTES:
        raise UnsafeError(path.name, f"it has more than {MOST_BYTES} bytes", "Give a smaller one.")
    data = path.read_bytes()
    checked(data)
    left = find(data)
    notes = (f"Taken out, as only training needs it: {', '.join(left)}.",) if left else ()
    return onnx.load_from_string(remove(data)), notes


def _drop_weights(model: Any) -> None:
    inputs = inputs_of(model.graph)
    del model.graph.input[:]
    model.graph.input.extend(inputs)


def _writer(model: Any) -> str:
    return f"opset {version_of(model, '') or version_of(model, 'ai.onnx')}"
