"""
The two messages of an inference: a gRPC request to a V2 request over HTTP with binary tensors, and
the reply to it back to a gRPC response.

Only the form changes; what is asked is not judged here, but for one rule that HTTP cannot have:
raw and typed contents are never mixed. The response takes the request's form, unless an output has
no typed contents (FP16, BF16): then all of it is raw.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from wherry.errors import CloudError, RequestError
from wherry.http.predictions import HEADER_LENGTH
from wherry.http.wire import Reply
from wherry.protocol.signature import quoted
from wherry_control.grpc.contents import FIELDS, from_raw, to_raw
from wherry_control.grpc.open_inference_grpc_pb2 import (
    InferParameter,
    ModelInferRequest,
    ModelInferResponse,
)

SIZE = "binary_data_size"
_INT64 = 1 << 63


def http_body(request: ModelInferRequest) -> tuple[int, bytes]:
    """The length of the JSON, and the JSON with all tensors behind it."""
    tensors = _raw_inputs(request)
    message: dict[str, Any] = {
        "parameters": {**_told(request.parameters), "binary_data_output": True},
        "inputs": [
            {
                "name": told.name,
                "datatype": told.datatype,
                "shape": list(told.shape),
                "parameters": {**_told(told.parameters), SIZE: len(raw)},
            }
            for told, raw in zip(request.inputs, tensors, strict=True)
        ],
    }
    if request.id:
        message["id"] = request.id
    if request.outputs:
        message["outputs"] = [
            {"name": told.name, "parameters": {**_told(told.parameters), "binary_data": True}}
            for told in request.outputs
        ]
    head = orjson.dumps(message)
    return len(head), b"".join([head, *tensors])


def response(request: ModelInferRequest, reply: Reply) -> ModelInferResponse:
    """Raise CloudError if what replied has not the protocol's binary tensors."""
    try:
        length = int(reply.headers[HEADER_LENGTH])
        message = orjson.loads(reply.body[:length])
        made = ModelInferResponse(
            model_name=message["model_name"],
            model_version=message.get("model_version", ""),
            id=message.get("id", ""),
            parameters=_parameters(message),
            outputs=[_output(told) for told in message["outputs"]],
        )
        _fill(made, _chunks(message["outputs"], memoryview(reply.body)[length:]), request)
    except (LookupError, TypeError, ValueError) as error:
        raise CloudError("the reply", "it is no V2 response with binary tensors") from error
    return made


def _raw_inputs(request: ModelInferRequest) -> list[bytes]:
    given, raws = request.inputs, request.raw_input_contents
    if not raws:
        return [
            to_raw(f"input {quoted(told.name)}", told.contents, told.datatype) for told in given
        ]
    if any(told.contents.ByteSize() for told in given):
        raise RequestError(
            "inputs", "typed and raw contents came together", "Send all of them in one form."
        )
    if len(raws) != len(given):
        raise RequestError(
            "raw_input_contents", f"{len(raws)} came; one is wanted for each of {len(given)} inputs"
        )
    return list(raws)


def _fill(
    made: ModelInferResponse, chunks: Iterable[memoryview], request: ModelInferRequest
) -> None:
    raw = bool(request.raw_input_contents) or any(
        told.datatype not in FIELDS for told in made.outputs
    )
    if raw:
        made.raw_output_contents.extend(map(bytes, chunks))
        return
    for told, chunk in zip(made.outputs, chunks, strict=True):
        told.contents.CopyFrom(from_raw(chunk, told.datatype))


def _output(told: Mapping[str, Any]) -> ModelInferResponse.InferOutputTensor:
    return ModelInferResponse.InferOutputTensor(
        name=told["name"],
        datatype=told["datatype"],
        shape=told["shape"],
        parameters=_parameters(told),
    )


def _chunks(outputs: Iterable[Mapping[str, Any]], tail: memoryview) -> list[memoryview]:
    chunks, at = [], 0
    for told in outputs:
        end = at + told["parameters"][SIZE]
        chunks.append(tail[at:end])
        at = end
    if at != len(tail):
        raise ValueError("the sizes that it tells are not the size that it has")
    return chunks


def _told(parameters: Mapping[str, InferParameter]) -> dict[str, Any]:
    chosen = (
        (name, value, value.WhichOneof("parameter_choice")) for name, value in parameters.items()
    )
    return {name: getattr(value, choice) for name, value, choice in chosen if choice}


def _parameters(told: Mapping[str, Any]) -> dict[str, InferParameter]:
    """Without the size of binary data, which belongs to HTTP."""
    return {
        name: _parameter(value)
        for name, value in (told.get("parameters") or {}).items()
        if name != SIZE
    }


def _parameter(value: Any) -> InferParameter:
    """What gRPC has no form for, such as an object, comes as JSON in a string."""
    match value:
        case bool():
            return InferParameter(bool_param=value)
        case int() if value < _INT64:
            return InferParameter(int64_param=value)
        case int():
            return InferParameter(uint64_param=value)
        case float():
            return InferParameter(double_param=value)
        case str():
            return InferParameter(string_param=value)
    return InferParameter(string_param=json.dumps(value))
