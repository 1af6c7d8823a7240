"""
A V2 inference request in JSON, to tensors.

Everything is checked against the manifest and the limits before anything of the size that the
caller claims is made. Parameters may come and change nothing; tensors as binary data may not come.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import orjson
from numpy.typing import NDArray

from wherry.errors import RequestError, TooLargeError
from wherry.limits import Limits
from wherry.manifest import Manifest, TensorSpec
from wherry.protocol.json_tensors import to_array
from wherry.protocol.signature import (
    by_name,
    check_inputs_named,
    check_known,
    check_rows_agree,
    check_shape,
    quoted,
)


@dataclass(frozen=True)
class InferenceRequest:
    """`outputs` are the wanted ones, in the wanted order; `id` is the caller's own, if any."""

    inputs: Mapping[str, NDArray[Any]]
    outputs: tuple[str, ...]
    id: str | None = None


def decode(body: bytes, manifest: Manifest, limits: Limits) -> InferenceRequest:
    """Raise RequestError unless `body` is a request that the model of `manifest` can answer."""
    message = _object("the request", _json(body))
    _object("parameters", message.get("parameters", {}))
    return InferenceRequest(
        inputs=_inputs(message, by_name(manifest.inputs), limits),
        outputs=_outputs(message, by_name(manifest.outputs)),
        id=_id(message),
    )


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RequestError("the request", f"it is not JSON ({error})") from error


def _id(message: Mapping[str, Any]) -> str | None:
    told = message.get("id")
    if told is not None and not isinstance(told, str):
        raise RequestError("id", f"{quoted(told)} came; a string is wanted")
    return told


def _inputs(
    message: Mapping[str, Any], specs: Mapping[str, TensorSpec], limits: Limits
) -> Mapping[str, NDArray[Any]]:
    tensors = _named("inputs", message.get("inputs"))
    check_inputs_named(tensors.keys(), specs)
    arrays = {name: _tensor(tensors[name], spec, limits) for name, spec in specs.items()}
    check_rows_agree(specs, arrays)
    return arrays


def _outputs(message: Mapping[str, Any], specs: Mapping[str, TensorSpec]) -> tuple[str, ...]:
    wanted = _named("outputs", message.get("outputs") or [])
    for name, asked in wanted.items():
        check_known("output", name, specs)
        _object(f"parameters of output {quoted(name)}", asked.get("parameters", {}))
    return tuple(wanted) or tuple(specs)


def _tensor(told: Mapping[str, Any], spec: TensorSpec, limits: Limits) -> NDArray[Any]:
    where = f"input {quoted(spec.name)}"
    if told.get("datatype") != spec.datatype:
        raise RequestError(
            where, f"datatype {quoted(told.get('datatype'))} came; {spec.datatype} is wanted"
        )
    shape = _shape(where, told.get("shape"))
    check_shape(spec, shape)
    if prod(shape) > limits.elements:
        raise TooLargeError(
            where, f"shape {quoted(list(shape))} is over {limits.elements} elements"
        )
    if "binary_data_size" in _object(f"parameters of {where}", told.get("parameters", {})):
        raise RequestError(where, "binary data came; a list under `data` is wanted")
    return to_array(where, told.get("data"), spec.datatype, shape)


def _shape(where: str, told: Any) -> tuple[int, ...]:
    if not isinstance(told, list) or not all(type(size) is int and size >= 0 for size in told):
        raise RequestError(where, f"shape {quoted(told)} came; a list of whole numbers is wanted")
    return tuple(told)


def _named(where: str, told: Any) -> Mapping[str, Mapping[str, Any]]:
    """A list of objects, each with a name of its own, by name."""
    if not isinstance(told, list):
        raise RequestError(where, f"{quoted(told)} came; a list of tensors is wanted")
    named: dict[str, Mapping[str, Any]] = {}
    for tensor in told:
        name = _object(f"one of {where}", tensor).get("name")
        if not isinstance(name, str):
            raise RequestError(f"one of {where}", f"name {quoted(name)} came; a string is wanted")
        if name in named:
            raise RequestError(where, f"{quoted(name)} came twice")
        named[name] = tensor
    return named


def _object(where: str, told: Any) -> Mapping[str, Any]:
    if not isinstance(told, dict):
        raise RequestError(where, f"{quoted(told)} came; an object is wanted")
    return told
