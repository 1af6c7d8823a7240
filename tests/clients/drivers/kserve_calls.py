"""
What KServe's client makes of each server whose URL comes on stdin; told on stdout, as JSON.

Run by KServe's own environment; it imports nothing of ours.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable
from typing import Any

import numpy as np
from httpx import HTTPStatusError
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

FEATURES = np.array([[1, 2, 3, 4], [0, 0, 0, 1]], np.float32)


def request(*, given: bool, out: bool, features: Any = FEATURES) -> InferRequest:
    """For `prediction`, with binary data `given` and wanted `out`."""
    tensor = InferInput("features", list(features.shape), "FP32")
    tensor.set_data_from_numpy(features, binary_data=given)
    wanted = [RequestedOutput("prediction", {"binary_data": out})]
    return InferRequest("tiny", [tensor], request_id="mine", request_outputs=wanted)


async def prediction(client: Any, url: str, body: Any) -> Any:
    """Values, and the answer's header that says whether they came as bytes."""
    headers: dict[str, str] = {}
    answer = await client.infer(url, body, model_name="tiny", response_headers=headers)
    values = answer.get_output_by_name("prediction").as_numpy().tolist()
    return {
        "id": answer.id,
        "values": values,
        "binary": "inference-header-content-length" in headers,
    }


async def refusal(call: Awaitable[Any]) -> str:
    try:
        await call
    except HTTPStatusError as error:
        return str(error)
    return ""


async def told(url: str) -> dict[str, Any]:
    """All that is asked of one server."""
    async with InferenceRESTClient(RESTConfig(protocol="v2")) as client:
        plain = {
            "inputs": [{"name": "features", "shape": [1, 4], "datatype": "FP32", "data": [1] * 4}]
        }
        return {
            "live": await client.is_server_live(url),
            "ready": await client.is_server_ready(url),
            "model ready": await client.is_model_ready(url, "tiny"),
            "other model ready": await client.is_model_ready(url, "other"),
            "dict": await prediction(client, url, plain),
            "json": await prediction(client, url, request(given=False, out=False)),
            "binary in": await prediction(client, url, request(given=True, out=False)),
            "binary out": await prediction(client, url, request(given=False, out=True)),
            "binary": await prediction(client, url, request(given=True, out=True)),
            "wrong shape": await refusal(
                prediction(client, url, request(given=True, out=True, features=FEATURES[:, :3]))
            ),
            "unknown model": await refusal(client.infer(url, plain, model_name="other")),
        }


async def main() -> None:
    urls = json.load(sys.stdin)
    json.dump({name: await told(url) for name, url in urls.items()}, sys.stdout)


asyncio.run(main())
