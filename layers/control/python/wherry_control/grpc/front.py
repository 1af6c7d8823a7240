"""
The six methods of the service, each as an HTTP request and what its reply means.

Whoever is asked is an argument: the app of this process, or one behind HTTPS. A method that is not
here (Triton has more) is answered UNIMPLEMENTED by gRPC itself.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
import orjson

from wherry.errors import NotFoundError
from wherry.http.errors import error_reply
from wherry.http.predictions import HEADER_LENGTH
from wherry.http.wire import Reply, Request
from wherry.protocol.signature import quoted
from wherry_control.grpc import open_inference_grpc_pb2 as v2
from wherry_control.grpc.messages import http_body, response
from wherry_control.grpc.status import OK, code_of, told_by

SERVICE = "inference.GRPCInferenceService"
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
OURS = "x-wherry-"

Ask = Callable[[Request], Awaitable[Reply]]


@dataclass(frozen=True)
class Method:
    """`write` makes the HTTP request of a message; `read` the answer of that message's reply."""

    takes: Any
    write: Callable[[Any], Request]
    read: Callable[[Any, Reply], Any]


def handler(ask: Ask) -> grpc.GenericRpcHandler:
    """The whole service, as a gRPC server takes it."""
    methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
        name: grpc.unary_unary_rpc_method_handler(
            _behaviour(method, ask),
            request_deserializer=method.takes.FromString,
            response_serializer=lambda answer: answer.SerializeToString(),
        )
        for name, method in METHODS.items()
    }
    return grpc.method_handlers_generic_handler(SERVICE, methods)


def _behaviour(method: Method, ask: Ask) -> Callable[[Any, Any], Awaitable[Any]]:
    async def behave(message: Any, context: Any) -> Any:
        answer = None
        try:
            reply = await ask(method.write(message))
            if reply.status == OK:
                answer = method.read(message, reply)
        except Exception as error:  # noqa: BLE001 - one place turns any failure into an answer
            reply = error_reply(error)
        context.set_trailing_metadata(
            [item for item in reply.headers.items() if item[0].startswith(OURS)]
        )
        if answer is None:
            await context.abort(code_of(reply.status), told_by(reply))
        return answer

    return behave


def _get(path: str) -> Request:
    return Request("GET", path, {})


def _model(name: str, version: str, tail: str) -> str:
    """The path of a model; a name that could lead elsewhere is nobody's."""
    for told in filter(None, (name or ".", version)):
        if not NAME.fullmatch(told):
            raise NotFoundError(f"model {quoted(name)}", "nothing of that name is served here")
    return f"/v2/models/{name}{f'/versions/{version}' if version else ''}{tail}"


def _infer(message: v2.ModelInferRequest) -> Request:
    path = _model(message.model_name, message.model_version, "/infer")
    length, body = http_body(message)
    headers = {"content-type": "application/octet-stream", HEADER_LENGTH: str(length)}
    return Request("POST", path, headers, body)


def _server_metadata(_: v2.ServerMetadataRequest, reply: Reply) -> v2.ServerMetadataResponse:
    return v2.ServerMetadataResponse(**_only(reply, "name", "version", "extensions"))


def _model_metadata(_: v2.ModelMetadataRequest, reply: Reply) -> v2.ModelMetadataResponse:
    told = _only(reply, "name", "versions", "platform", "inputs", "outputs")
    for role in ("inputs", "outputs"):
        told[role] = [
            v2.ModelMetadataResponse.TensorMetadata(
                name=tensor["name"], datatype=tensor["datatype"], shape=tensor["shape"]
            )
            for tensor in told.get(role, [])
        ]
    return v2.ModelMetadataResponse(**told)


def _only(reply: Reply, *names: str) -> dict[str, Any]:
    """What gRPC has a field for; HTTP may tell more."""
    told = orjson.loads(reply.body)
    return {name: told[name] for name in names if name in told}


METHODS: Mapping[str, Method] = {
    "ServerLive": Method(
        v2.ServerLiveRequest,
        lambda _: _get("/v2/health/live"),
        lambda *_: v2.ServerLiveResponse(live=True),
    ),
    "ServerReady": Method(
        v2.ServerReadyRequest,
        lambda _: _get("/v2/health/ready"),
        lambda *_: v2.ServerReadyResponse(ready=True),
    ),
    "ModelReady": Method(
        v2.ModelReadyRequest,
        lambda told: _get(_model(told.name, told.version, "/ready")),
        lambda *_: v2.ModelReadyResponse(ready=True),
    ),
    "ServerMetadata": Method(v2.ServerMetadataRequest, lambda _: _get("/v2"), _server_metadata),
    "ModelMetadata": Method(
        v2.ModelMetadataRequest,
        lambda told: _get(_model(told.name, told.version, "")),
        _model_metadata,
    ),
    "ModelInfer": Method(v2.ModelInferRequest, _infer, response),
}
