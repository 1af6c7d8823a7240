"""V2 messages with binary tensors: requests to send, and answers read back."""

import struct
from math import prod
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from wherry.protocol.datatypes import TO_NUMPY
from wherry.service import Answer

ALL_BINARY = {"binary_data_output": True}


def packed(*texts: bytes) -> bytes:
    """BYTES: each element's length in four bytes, and the element."""
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def binary(name: str, datatype: str, shape: list[int], data: bytes) -> tuple[dict[str, Any], bytes]:
    """An input's entry, and the bytes that go behind the JSON for it."""
    size = {"binary_data_size": len(data)}
    return {"name": name, "datatype": datatype, "shape": shape, "parameters": size}, data


def binary_request(
    *inputs: tuple[dict[str, Any], bytes] | dict[str, Any], **told: Any
) -> tuple[bytes, int]:
    """The body, and the length of its JSON; inputs that are no pair are JSON themselves."""
    pairs = [each if isinstance(each, tuple) else (each, b"") for each in inputs]
    header = orjson.dumps({"inputs": [entry for entry, _ in pairs], **told})
    return header + b"".join(data for _, data in pairs), len(header)


def binary_outputs(answer: Answer) -> dict[str, NDArray[Any] | list[bytes]]:
    """Each binary output by its name: an array, or the elements of BYTES; all bytes are used."""
    assert answer.header_length is not None
    tail = answer.body[answer.header_length :]
    found: dict[str, NDArray[Any] | list[bytes]] = {}
    for told in orjson.loads(answer.body[: answer.header_length])["outputs"]:
        if "data" in told:
            continue
        size = told["parameters"]["binary_data_size"]
        data, tail = tail[:size], tail[size:]
        found[told["name"]] = _read(data, told["datatype"], told["shape"])
    assert not tail
    return found


def _read(data: bytes, datatype: str, shape: list[int]) -> NDArray[Any] | list[bytes]:
    if datatype != "BYTES":
        return np.frombuffer(data, TO_NUMPY[datatype]).reshape(shape)
    texts = []
    while data:
        (size,) = struct.unpack_from("<I", data)
        texts.append(data[4 : 4 + size])
        data = data[4 + size :]
    assert len(texts) == prod(shape)
    return texts
