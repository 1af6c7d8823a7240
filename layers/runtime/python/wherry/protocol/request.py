"""
A V2 inference request, in JSON or with binary tensors, to tensors.

Everything is checked against the manifest and the limits before anything of the size that the
caller claims is made.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from numpy.typing import NDArray

from wherry.errors import RequestError
from wherry.limits import Limits
from wherry.manifest import Manifest
from wherry.protocol.body import HEADER_LENGTH, REQUEST, Body
from wherry.protocol.datatypes import NO_JSON
from wherry.protocol.input import Input
from wherry.protocol.parameters import as_object, flag, parameters_of
from wherry.protocol.signature import (
    by_name,
    check_inputs_named,
    check_known,
    check_rows_agree,
    quoted,
)

STEP_TIMES = "step_times"


class InferenceRequest(msgspec.Struct, frozen=True):
    """
    `outputs` are the wanted ones, in the wanted order, each with whether as binary data.

    `step_times`: whether the answer is to tell how long each step of a pipeline took.
    """

    inputs: Mapping[str, NDArray[Any]]
    outputs: Mapping[str, bool]
    id: str | None = None
    step_times: bool = False


class RequestDecoder:
    """What can be known of a model's requests before one comes is worked out here, once."""

    def __init__(self, manifest: Manifest, limits: Limits) -> None:
        self._specs = by_name(manifest.inputs)
        self._outputs = by_name(manifest.outputs)
        self._inputs = {name: Input(spec, limits) for name, spec in self._specs.items()}
        self._without_json = [
            name for name, spec in self._outputs.items() if spec.datatype in NO_JSON
        ]

    def decode(self, body: bytes, header_length: int | None = None) -> InferenceRequest:
        """Raise RequestError unless `body` is a request that the model can answer."""
        if header_length == 0:
            return self._raw(memoryview(body))
        return self._decoded(Body(body, header_length))

    def _decoded(self, body: Body) -> InferenceRequest:
        message = as_object(REQUEST, body.parsed())
        request_id = message.get("id")
        if request_id is not None and type(request_id) is not str:
            raise RequestError("id", f"{quoted(request_id)} came; a string is wanted")
        parameters = parameters_of(REQUEST, message)
        outputs = self._wanted(message, parameters)
        inputs = self._tensors(_named("inputs", message.get("inputs")), body)
        body.finish()
        times = bool(parameters) and flag(REQUEST, parameters, STEP_TIMES, default=False)
        return InferenceRequest(inputs, outputs, request_id, times)

    def _raw(self, data: memoryview) -> InferenceRequest:
        """A body without a header is the model's one input; every answer to it is binary."""
        if len(self._inputs) != 1:
            raise RequestError(
                HEADER_LENGTH,
                f"0 came, a body that is one tensor; the model has {len(self._inputs)} inputs",
            )
        inputs = {name: each.read_raw(data) for name, each in self._inputs.items()}
        return InferenceRequest(inputs, dict.fromkeys(self._outputs, True))

    def _tensors(
        self, named: Mapping[str, Mapping[str, Any]], body: Body
    ) -> Mapping[str, NDArray[Any]]:
        if named.keys() != self._specs.keys():
            check_inputs_named(named.keys(), self._specs)
        arrays = {name: self._inputs[name].read(told, body) for name, told in named.items()}
        if len(arrays) > 1:
            check_rows_agree(self._specs, arrays)
        return arrays

    def _wanted(
        self, message: Mapping[str, Any], parameters: Mapping[str, Any]
    ) -> Mapping[str, bool]:
        all_binary = flag(REQUEST, parameters, "binary_data_output", default=False)
        told = message.get("outputs")
        if told is not None and told != []:
            wanted = {
                name: self._is_binary(name, output, all_binary)
                for name, output in _named("outputs", told).items()
            }
        else:
            wanted = dict.fromkeys(self._outputs, all_binary)
        for name in self._without_json:
            if not wanted.get(name, True):
                raise RequestError(
                    f"output {quoted(name)}",
                    f"{self._outputs[name].datatype} has no JSON form",
                    "Ask for it with the parameter binary_data.",
                )
        return wanted

    def _is_binary(self, name: str, told: Mapping[str, Any], all_binary: bool) -> bool:  # noqa: FBT001
        check_known("output", name, self._outputs)
        where = f"output {quoted(name)}"
        return flag(where, parameters_of(where, told), "binary_data", default=all_binary)


def _named(where: str, told: Any) -> Mapping[str, Mapping[str, Any]]:
    """A list of objects, each with a name of its own, by name."""
    if type(told) is not list:
        raise RequestError(where, f"{quoted(told)} came; a list of tensors is wanted")
    named: dict[str, Mapping[str, Any]] = {}
    for tensor in told:
        name = as_object(f"one of {where}", tensor).get("name")
        if type(name) is not str:
            raise RequestError(f"one of {where}", f"name {quoted(name)} came; a string is wanted")
        if name in named:
            raise RequestError(where, f"{quoted(name)} came twice")
        named[name] = tensor
    return named
