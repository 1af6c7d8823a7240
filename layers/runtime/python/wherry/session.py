"""
One ONNX Runtime session: a model in memory, ready to run.

CPU only, no more threads than it is given, none of them spinning (a frozen Lambda environment would
pay for the spin), and silent: ONNX Runtime's own messages can quote what a caller sent.
"""

import ctypes
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry.errors import ArtifactError, ModelError, RequestError
from wherry.external_data import has_external_data
from wherry.manifest import MODEL
from wherry.ort import onnxruntime
from wherry.protocol.datatypes import FROM_ONNX

_FATAL = 4
_BFLOAT16 = 16  # in ONNX's own numbering of element types
_NODE = re.compile(r"while running (\w+) node")


class Session:
    """
    A loaded model; `inputs` and `outputs` map each name to its V2 datatype.

    A model that was optimized when it was prepared is run as it is.
    """

    def __init__(self, model: bytes, *, threads: int, optimized: bool = False) -> None:
        if has_external_data(model):
            raise ArtifactError(
                MODEL, "it keeps weights in other files", "Export it as one file and publish again."
            )
        self._session = _load(model, _options(threads, optimized=optimized))
        self.inputs = {node.name: _datatype(node) for node in self._session.get_inputs()}
        self.outputs = {node.name: _datatype(node) for node in self._session.get_outputs()}
        self._has_bf16 = "BF16" in {*self.inputs.values(), *self.outputs.values()}

    def run(
        self,
        outputs: Sequence[str],
        feeds: Mapping[str, NDArray[Any]],
        times: dict[str, float] | None = None,  # noqa: ARG002 - one model has no steps to time
    ) -> list[NDArray[Any]]:
        """Raise RequestError when the model refuses a value, ModelError when it fails."""
        try:
            if self._has_bf16:
                return self._run_bf16(outputs, feeds)
            answers: list[NDArray[Any]] = self._session.run(list(outputs), dict(feeds))
        except onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument as error:
            raise RequestError(
                "inputs", f"the model refuses a value{_step(error)}", "See the model's card."
            ) from None
        except UnicodeDecodeError:
            raise ModelError(MODEL, "an output holds text that is not UTF-8") from None
        except Exception as error:  # noqa: BLE001 - ONNX Runtime's errors share no base of their own
            raise ModelError(MODEL, f"{type(error).__name__}{_step(error)}") from None
        return answers

    def _run_bf16(
        self, outputs: Sequence[str], feeds: Mapping[str, NDArray[Any]]
    ) -> list[NDArray[Any]]:
        """NumPy has no BF16, so these tensors go in and come out as the bits that they are."""
        values = {name: _value(array, self.inputs[name]) for name, array in feeds.items()}
        answers = self._session.run_with_ort_values(list(outputs), values)
        return [
            _bits(answer) if self.outputs[name] == "BF16" else answer.numpy()
            for name, answer in zip(outputs, answers, strict=True)
        ]


def _value(array: NDArray[Any], datatype: str) -> Any:
    if datatype != "BF16":
        return onnxruntime.OrtValue.ortvalue_from_numpy(array)
    return onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(array, _BFLOAT16)


def _bits(value: Any) -> NDArray[np.uint16]:
    """A copy: the memory is the value's own, and goes with it."""
    shape = tuple(value.shape())
    array = np.empty(shape, np.uint16)
    if array.size:
        ctypes.memmove(array.ctypes.data, value.data_ptr(), array.nbytes)
    return array


def _options(threads: int, *, optimized: bool) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.add_session_config_entry("session.load_model_format", "ONNX")
    if optimized:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return options


def _load(model: bytes, options: Any) -> Any:
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ArtifactError(
            MODEL,
            f"ONNX Runtime {onnxruntime.__version__} cannot load it ({error})",
            "Prepare and publish the model again with this Wherry.",
        ) from error


def _datatype(node: Any) -> str:
    try:
        return FROM_ONNX[node.type]
    except KeyError:
        raise ArtifactError(
            MODEL, f"{node.name!r} is a {node.type}, which the protocol cannot carry"
        ) from None


def _step(error: Exception) -> str:
    """Name the failing step only: the rest of the message can hold what a caller sent."""
    found = _NODE.search(str(error))
    return f", in a {found[1]} step" if found else ""
