"""Calls of the gRPC service with its own messages, and messages with good defaults."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc
import numpy as np

from wherry_control.grpc import open_inference_grpc_pb2 as v2
from wherry_control.grpc.front import METHODS, SERVICE

SECONDS = 10
ANSWERS = {name: getattr(v2, f"{name}Response") for name in METHODS}
ONE_ROW = np.array([[1, 2, 3, 4]], np.float32)


class Client:
    """One channel; `call("ModelReady", name="tiny")`."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel

    def call(self, method: str, message: Any = None, **fields: Any) -> Any:
        """Raise grpc.RpcError if it is refused."""
        message = METHODS[method].takes(**fields) if message is None else message
        return self._rpc(method)(message, timeout=SECONDS)

    def trailers(self, method: str, message: Any) -> Mapping[str, str]:
        """What came behind the answer."""
        _, call = self._rpc(method).with_call(message, timeout=SECONDS)
        return dict(call.trailing_metadata())

    def _rpc(self, method: str) -> Any:
        return self._channel.unary_unary(
            f"/{SERVICE}/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=ANSWERS[method].FromString,
        )


@contextmanager
def client(address: str) -> Iterator[Client]:
    """Without limits of its own, and past any proxy."""
    options = [("grpc.max_receive_message_length", -1), ("grpc.enable_http_proxy", 0)]
    with grpc.insecure_channel(address, options) as channel:
        yield Client(channel)


def typed(name: str, datatype: str, shape: list[int], **contents: Any) -> Any:
    """An input with typed contents."""
    return v2.ModelInferRequest.InferInputTensor(
        name=name, datatype=datatype, shape=shape, contents=v2.InferTensorContents(**contents)
    )


def untyped(name: str, datatype: str, shape: list[int]) -> Any:
    """An input whose contents are raw."""
    return v2.ModelInferRequest.InferInputTensor(name=name, datatype=datatype, shape=shape)


def infer(
    *inputs: Any, raw: tuple[bytes, ...] = (), outputs: tuple[str, ...] = (), **told: Any
) -> v2.ModelInferRequest:
    """Without `inputs`, one good row for the `scaled` model, as raw contents."""
    if not inputs:
        inputs, raw = (untyped("features", "FP32", [1, 4]),), raw or (ONE_ROW.tobytes(),)
    wanted = [v2.ModelInferRequest.InferRequestedOutputTensor(name=name) for name in outputs]
    return v2.ModelInferRequest(
        **{"model_name": "tiny", **told}, inputs=inputs, raw_input_contents=raw, outputs=wanted
    )
