"""
Tensors, to a V2 inference response: in JSON, or with binary tensors behind it.

JSON data is flat, in row-major order, as the reference clients read it. JSON has no NaN and no
infinity: both become `null`. An answer over its limit is refused before it is written.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from numpy.typing import NDArray

from wherry.errors import TooLargeError
from wherry.manifest import TensorSpec
from wherry.protocol import binary_tensors
from wherry.protocol.request import InferenceRequest
from wherry.release import Release

_LEAST = 2  # bytes of one element in JSON, with its comma


class ResponseEncoder:
    """Writes the answers of one release."""

    def __init__(self, release: Release, specs: Mapping[str, TensorSpec], most_bytes: int) -> None:
        self._head = {"model_name": release.model, "model_version": str(release.version)}
        self._datatypes = {name: spec.datatype for name, spec in specs.items()}
        self._most = most_bytes

    def encode(
        self,
        request: InferenceRequest,
        outputs: Mapping[str, NDArray[Any]],
        steps: Mapping[str, float],
    ) -> tuple[bytes, int | None]:
        """
        The body, and how much of it is JSON if binary tensors follow; else None.

        `steps` are milliseconds; parameters of the protocol are no nested objects.
        """
        message: dict[str, Any] = {**self._head}
        if request.id is not None:
            message["id"] = request.id
        if request.step_times:
            message["parameters"] = {f"step_ms.{name}": round(ms, 3) for name, ms in steps.items()}
        tail: list[memoryview | bytes] = []
        message["outputs"] = [
            self._output(name, outputs[name], tail if binary else None)
            for name, binary in request.outputs.items()
        ]
        header = orjson.dumps(message, option=orjson.OPT_SERIALIZE_NUMPY)
        self._check(len(header) + sum(map(len, tail)))
        if True not in request.outputs.values():
            return header, None
        return b"".join([header, *tail]), len(header)

    def _output(
        self, name: str, array: NDArray[Any], tail: list[memoryview | bytes] | None
    ) -> dict[str, Any]:
        """Its entry in the response; binary data goes to the `tail`, if there is one."""
        told: dict[str, Any] = {
            "name": name,
            "datatype": self._datatypes[name],
            "shape": array.shape,
        }
        if tail is None:
            self._check(array.size * _LEAST)
            flat = array.ravel()
            told["data"] = flat.tolist() if array.dtype.hasobject else flat
            return told
        pieces = binary_tensors.to_bytes(array)
        tail += pieces
        told["parameters"] = {"binary_data_size": sum(map(len, pieces))}
        return told

    def _check(self, size: int) -> None:
        if size > self._most:
            raise TooLargeError("the answer", f"it is over {self._most} bytes")
