"""
ORT format: the model as small builds of ONNX Runtime (phones, WASM) load it, without a parser.

It is kept only where it is proven: it loads, and gives the very bytes that `model.onnx` gives, on
every example. It is saved without what depends on the CPU that saved it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from wherry.ort import onnxruntime

FATAL = 4
Feeds = Mapping[str, Any]


def to_ort(model: bytes, *, optimized: bool) -> bytes:
    """The model in ORT format; any error of ONNX Runtime's if it cannot be told so."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "model.ort"
        options = _options(optimized=optimized)
        if not optimized:
            level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
            options.graph_optimization_level = level
        options.optimized_model_filepath = str(file)
        options.add_session_config_entry("session.save_model_format", "ORT")
        _session(model, options)
        return file.read_bytes()


def why_not(model: bytes, ort: bytes, feeds: Sequence[Feeds], *, optimized: bool) -> str:
    """Why the ORT format is not as good as `model`; empty if it is."""
    sessions = [_session(data, _options(optimized=optimized)) for data in (model, ort)]
    for feed in feeds:
        wanted, told = (session.run(None, dict(feed)) for session in sessions)
        if [_bytes(each) for each in wanted] != [_bytes(each) for each in told]:
            return "it does not answer to the byte as model.onnx"
    return ""


def _bytes(array: Any) -> Any:
    """Of objects, the values: their bytes would be where they lie in memory."""
    return array.tolist() if array.dtype.hasobject else (array.dtype, array.shape, array.tobytes())


def _session(model: bytes, options: Any) -> Any:
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _options(*, optimized: bool) -> Any:
    """As a service has them."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = FATAL
    if optimized:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return options
