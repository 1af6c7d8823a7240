"""
An ONNX file tried in a child: checker, shape inference and one inference, within its limits.

A model of 103 bytes can ask for 12 GB when it runs. `tried` is for the parent; the rest is the
child's side, which is the one place where such a file is parsed.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.preparation.sandbox import Child, Limits
from models.preparation.sandbox.served import serve
from models.preparation.untrusted.onnx_files import MOST_BYTES, WHERE, checked
from wherry.errors import UnsafeError
from wherry.manifest import TensorSpec
from wherry.protocol.datatypes import FROM_ONNX, TO_NUMPY

FILE = "model.onnx"
LIMITS = Limits(cpu_seconds=60, wall_seconds=120, memory_bytes=4 << 30, disk_bytes=1 << 30)
STARVED = ("allocate memory", "bad_alloc", "bad allocation", "requested buffer")
BFLOAT16 = 16  # in ONNX's own numbering
TODO = "Give a model that answers one row of zeros, or export it again."


@dataclass(frozen=True)
class Tried:
    """The tensors of a model, as ONNX Runtime tells them; -1 where a size varies."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


def tried(data: bytes, limits: Limits = LIMITS) -> Tried:
    """Raise UnsafeError or ConfigurationError; the model has answered one row of zeros."""
    if len(data) > MOST_BYTES:
        raise UnsafeError(WHERE, f"it has more than {MOST_BYTES} bytes", "Give a smaller model.")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, FILE).write_bytes(data)
        with Child(
            "models.preparation.untrusted.onnx_tried", folder=Path(folder), limits=limits
        ) as child:
            told = child.ask("tried")
    return Tried(*(tuple(map(_spec, told[end])) for end in ("inputs", "outputs")))


def _spec(told: list[Any]) -> TensorSpec:
    name, datatype, shape = told
    return TensorSpec(name, datatype, tuple(shape))


def _tried() -> dict[str, Any]:
    """The child's side."""
    data = Path(FILE).read_bytes()
    checked(data)
    _within(lambda: _check(data))
    session = _within(lambda: _session(data))
    _within(lambda: session.run_with_ort_values(None, _zeros(session)))
    return {"inputs": _specs(session.get_inputs()), "outputs": _specs(session.get_outputs())}


def _within(step: Callable[[], Any]) -> Any:
    """Whatever ONNX and its runtime raise, in one line."""
    try:
        return step()
    except MemoryError:
        raise
    except Exception as error:
        told = str(error).partition("\n")[0][:200]
        if any(word in str(error) for word in STARVED):
            raise MemoryError(told) from error
        raise UnsafeError(WHERE, f"it cannot be run ({told})", TODO) from error


def _check(data: bytes) -> None:
    import onnx

    onnx.checker.check_model(data)
    onnx.shape_inference.infer_shapes(data, check_type=True)


def _session(data: bytes) -> Any:
    from wherry.ort import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.load_model_format", "ONNX")
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def _zeros(session: Any) -> dict[str, Any]:
    import numpy as np

    from wherry.ort import onnxruntime

    made = {}
    for name, datatype, shape in _specs(session.get_inputs()):
        sizes = [1 if size < 0 else size for size in shape]
        text = datatype == "BYTES"
        array = np.full(sizes, "") if text else np.zeros(sizes, TO_NUMPY[datatype])
        value = onnxruntime.OrtValue
        made[name] = (
            value.ortvalue_from_numpy_with_onnx_type(array, BFLOAT16)
            if datatype == "BF16"
            else value.ortvalue_from_numpy(array)
        )
    return made


def _specs(ends: Any) -> list[tuple[str, str, list[int]]]:
    """Tensors alone: what is a sequence or a map is dealt with where the model is converted."""
    return [
        (each.name, FROM_ONNX[each.type], [s if isinstance(s, int) else -1 for s in each.shape])
        for each in ends
        if each.type in FROM_ONNX
    ]


if __name__ == "__main__":
    serve({"tried": _tried})
