"""
One ONNX Runtime session: a model in memory, ready to run.

CPU only, no more threads than it is given, none of them spinning (a frozen Lambda environment would
pay for the spin), and silent: ONNX Runtime's own messages can quote what a caller sent.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from wherry.errors import ArtifactError, ModelError, RequestError
from wherry.external_data import has_external_data
from wherry.manifest import MODEL
from wherry.ort import onnxruntime
from wherry.protocol.datatypes import FROM_ONNX

_FATAL = 4
_NODE = re.compile(r"while running (\w+) node")


class Session:
    """A loaded model; `inputs` and `outputs` map each name to its V2 datatype."""

    def __init__(self, model: bytes, *, threads: int) -> None:
        if has_external_data(model):
            raise ArtifactError(
                MODEL, "it keeps weights in other files", "Export it as one file and publish again."
            )
        self._session = _load(model, threads)
        self.inputs = {node.name: _datatype(node) for node in self._session.get_inputs()}
        self.outputs = {node.name: _datatype(node) for node in self._session.get_outputs()}

    def run(
        self,
        outputs: Sequence[str],
        feeds: Mapping[str, NDArray[Any]],
        times: dict[str, float] | None = None,  # noqa: ARG002 - one model has no steps to time
    ) -> list[NDArray[Any]]:
        """Raise RequestError when the model refuses a value, ModelError when it fails."""
        try:
            answers: list[NDArray[Any]] = self._session.run(list(outputs), dict(feeds))
        except onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument as error:
            raise RequestError(
                "inputs", f"the model refuses a value{_step(error)}", "See the model's card."
            ) from None
        except Exception as error:  # noqa: BLE001 - ONNX Runtime's errors share no base of their own
            raise ModelError(MODEL, f"{type(error).__name__}{_step(error)}") from None
        return answers


def _load(model: bytes, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.add_session_config_entry("session.load_model_format", "ONNX")
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
