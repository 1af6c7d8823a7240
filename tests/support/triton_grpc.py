"""
tritonclient's two gRPC clients, asked in one way, in a process of their own.

One process holds no two messages of the same name, and the one that runs the tests holds ours.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

FLAVOURS = ("sync", "aio")
SECONDS = 60

Ask = Callable[..., Any]


class TritonRefusedError(Exception):
    """The client's own exception, as it travels between processes: status and message."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message


@contextmanager
def clients() -> Iterator[Ask]:
    """`ask(place, flavour, "is_model_ready", "iris")`."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        yield lambda *told, **more: process.submit(_asked, *told, **more).result(SECONDS)


def _asked(place: str, flavour: str, method: str, *told: Any, **more: Any) -> Any:
    from tritonclient.utils import InferenceServerException

    try:
        if method == "infer":
            return _inferred(place, flavour, *told, **more)
        return _call(place, flavour, method, *told, **more)
    except InferenceServerException as error:
        raise TritonRefusedError(str(error.status()), str(error.message())) from None


def _inferred(
    place: str,
    flavour: str,
    model: str,
    arrays: Mapping[str, Any],
    outputs: tuple[str, ...] = (),
    **more: Any,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The outputs as arrays, and the response without them."""
    from google.protobuf.json_format import MessageToDict
    from tritonclient import grpc
    from tritonclient.utils import np_to_triton_dtype

    inputs = [
        grpc.InferInput(name, array.shape, np_to_triton_dtype(array.dtype)).set_data_from_numpy(
            array
        )
        for name, array in arrays.items()
    ]
    wanted = [grpc.InferRequestedOutput(name) for name in outputs] or None
    result = _call(place, flavour, "infer", model, inputs, outputs=wanted, **more)
    response = result.get_response()
    got = {output.name: result.as_numpy(output.name) for output in response.outputs}
    response.ClearField("raw_output_contents")
    return got, MessageToDict(response, preserving_proto_field_name=True)


def _call(place: str, flavour: str, method: str, *told: Any, **more: Any) -> Any:
    if flavour == "aio":
        return asyncio.run(_awaited(place, method, *told, **more))
    from tritonclient.grpc import InferenceServerClient

    with InferenceServerClient(place) as client:
        return getattr(client, method)(*told, **more)


async def _awaited(place: str, method: str, *told: Any, **more: Any) -> Any:
    from tritonclient.grpc.aio import InferenceServerClient

    async with InferenceServerClient(place) as client:
        return await getattr(client, method)(*told, **more)
