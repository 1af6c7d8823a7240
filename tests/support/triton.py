"""tritonclient's two HTTP clients, asked in one way; and its tensors, made from arrays."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tritonclient import http
from tritonclient.http import aio
from tritonclient.utils import np_to_triton_dtype

from tests.support.onnx_models import TOGETHER

Ask = Callable[..., Any]
Client = Callable[[str], Any]


@contextmanager
def sync_client(place: str) -> Iterator[Ask]:
    """Its methods by name: `ask("get_model_metadata", "iris")`."""
    with http.InferenceServerClient(place) as client:
        yield lambda method, *told, **more: getattr(client, method)(*told, **more)


@contextmanager
def aio_client(place: str) -> Iterator[Ask]:
    """The same of the asynchronous one."""
    with asyncio.Runner() as runner:

        async def ask(method: str, *told: Any, **more: Any) -> Any:
            return await getattr(client, method)(*told, **more)

        async def start() -> Any:
            return aio.InferenceServerClient(place)

        client = runner.run(start())
        try:
            yield lambda *told, **more: runner.run(ask(*told, **more))
        finally:
            runner.run(client.close())


CLIENTS: Mapping[str, Client] = {"sync": sync_client, "aio": aio_client}


def tensors(arrays: Mapping[str, NDArray[Any]], *, binary: bool = True) -> list[http.InferInput]:
    """Inputs of those names and values."""
    return [
        http.InferInput(
            name, list(array.shape), np_to_triton_dtype(array.dtype)
        ).set_data_from_numpy(array, binary_data=binary)
        for name, array in arrays.items()
    ]


def wanted(*names: str, binary: bool = True) -> list[http.InferRequestedOutput]:
    """Outputs to ask for, in this order."""
    return [http.InferRequestedOutput(name, binary_data=binary) for name in names]


FEATURES = {"features": np.array([[1, 2, 3, 4], [0, 0, 0, 1]], np.float32)}
PREDICTION = [[20.0], [2.0]]  # of the `scaled` model

ROWS: dict[str, Any] = {
    "BOOL": [[True, False]],
    "FP16": [[0.1, -65504]],
    "FP32": [[0.1, -3.4e38]],
    "FP64": [[0.1, -1.7e308]],
    "BYTES": [["", "déjà vu €"]],
} | {
    f"{kind}{bits}": [
        [np.iinfo(f"{kind}{bits}".lower()).min, np.iinfo(f"{kind}{bits}".lower()).max]
    ]
    for kind in ("INT", "UINT")
    for bits in (8, 16, 32, 64)
}


def every(*, rows: int = 3) -> dict[str, np.ndarray[Any, Any]]:
    """The widest values of each datatype, for the model of all datatypes."""
    return {
        f"x_{name.lower()}": np.array(ROWS[name] * rows, _dtype(name)).reshape(rows, 2)
        for name in TOGETHER
    }


def _dtype(name: str) -> np.dtype[Any]:
    floats = {"FP16": "float16", "FP32": "float32", "FP64": "float64", "BYTES": "object"}
    return np.dtype(floats.get(name, name.lower()))
