"""
One large tensor through the handler, as bytes and as JSON, and the least that anybody must do.

`python -m tests.bench.children.tensors CALLS TRIES`, in the environment of `tests.bench.tensors`.
"""

import json
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from functions.inference.api import handler, service
from tests.bench.children.warm import p50
from tests.support.events import Call, rest_api_v1

SHAPE = (1, 3, 224, 224)
PATH = "/v2/models/picture/infer"
SMALL, LARGE = "mean", "same"
Event = dict[str, Any]


def pixels() -> NDArray[Any]:
    return np.random.default_rng(7).random(SHAPE, np.float32)


def as_bytes(picture: NDArray[Any], output: str) -> Event:
    """The protocol's binary extension, both ways."""
    tensor = {"name": "pixels", "shape": SHAPE, "datatype": "FP32"}
    told = {
        "inputs": [{**tensor, "parameters": {"binary_data_size": picture.nbytes}}],
        "outputs": [{"name": output, "parameters": {"binary_data": True}}],
    }
    header = orjson.dumps(told)
    headers = {"Inference-Header-Content-Length": str(len(header))}
    return rest_api_v1(Call("POST", PATH, header + picture.tobytes(), headers))


def as_json(picture: NDArray[Any], output: str) -> Event:
    tensor = {"name": "pixels", "shape": SHAPE, "datatype": "FP32", "data": picture.ravel()}
    told = {"inputs": [tensor], "outputs": [{"name": output}]}
    return rest_api_v1(Call("POST", PATH, orjson.dumps(told, option=orjson.OPT_SERIALIZE_NUMPY)))


def least_of_bytes(event: Event, header: int, output: str) -> str:
    """Base64 and a copy, both ways."""
    body = b64decode(event["body"])
    tensor = np.frombuffer(body[header:], np.float32).reshape(SHAPE)
    found = service.predict({"pixels": tensor}, [output])[output]
    return b64encode(found.tobytes()).decode()


def least_of_json(event: Event, output: str) -> str:
    """Orjson and NumPy."""
    told = orjson.loads(b64decode(event["body"]))["inputs"][0]
    tensor = np.array(told["data"], np.float32).reshape(told["shape"])
    found = service.predict({"pixels": tensor}, [output])[output]
    answer = {"outputs": [{"name": output, "data": found.ravel()}]}
    return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def measures() -> Mapping[str, Callable[[], object]]:
    """Each way of asking, and beside it the least."""
    picture = pixels()
    told: dict[str, Callable[[], object]] = {}
    for name, output in (("in", SMALL), ("in and out", LARGE)):
        binary, plain = as_bytes(picture, output), as_json(picture, output)
        header = int(binary["headers"]["Inference-Header-Content-Length"])
        told[f"bytes {name}"] = partial(_answer, binary)
        told[f"bytes {name}, least"] = partial(least_of_bytes, binary, header, output)
        told[f"JSON {name}"] = partial(_answer, plain)
        told[f"JSON {name}, least"] = partial(least_of_json, plain, output)
    return told


def _answer(event: Event) -> None:
    reply = handler(event, None)
    assert reply["statusCode"] == 200, reply["body"][:200]


if __name__ == "__main__":
    calls, tries = int(sys.argv[1]), int(sys.argv[2])
    ways = measures()
    rounds = [{name: p50(call, calls) for name, call in ways.items()} for _ in range(tries)]
    found = {name: [told[name] for told in rounds] for name in ways}
    sys.stderr.write(json.dumps(found))
