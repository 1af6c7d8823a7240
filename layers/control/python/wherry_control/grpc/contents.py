"""
A tensor's typed contents, to the raw bytes of the protocol and back.

Raw bytes are what binary tensors over HTTP and `raw_*_contents` are alike. FP16 and BF16 have no
typed contents. Whether the shape fits is asked where it is known: in the app.
"""

from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np

from wherry.errors import RequestError
from wherry.protocol.signature import quoted
from wherry_control.grpc.open_inference_grpc_pb2 import InferTensorContents

FIELDS: Mapping[str, tuple[str, str]] = {
    "BOOL": ("bool_contents", "?"),
    "UINT8": ("uint_contents", "<u1"),
    "UINT16": ("uint_contents", "<u2"),
    "UINT32": ("uint_contents", "<u4"),
    "UINT64": ("uint64_contents", "<u8"),
    "INT8": ("int_contents", "<i1"),
    "INT16": ("int_contents", "<i2"),
    "INT32": ("int_contents", "<i4"),
    "INT64": ("int64_contents", "<i8"),
    "FP32": ("fp32_contents", "<f4"),
    "FP64": ("fp64_contents", "<f8"),
    "BYTES": ("bytes_contents", ""),
}
LENGTH = 4  # bytes; how long each element of BYTES is, before it


def to_raw(where: str, contents: InferTensorContents, datatype: str) -> bytes:
    """Raise RequestError unless the contents, if any, are in the field of `datatype`."""
    if datatype not in FIELDS:
        raise RequestError(where, f"{quoted(datatype)} has no typed contents", "Send it as raw.")
    field, kind = FIELDS[datatype]
    for found, _ in contents.ListFields():
        if found.name != field:
            raise RequestError(where, f"{found.name} came; {datatype} wants {field}")
    values: Any = getattr(contents, field)
    if datatype == "BYTES":
        return b"".join(chain.from_iterable((_length(value), value) for value in values))
    try:
        return np.array(values, kind).tobytes()
    except OverflowError as error:
        raise RequestError(where, f"a number is out of the range of {datatype}") from error


def from_raw(raw: memoryview, datatype: str) -> InferTensorContents:
    """The opposite; `datatype` is one of FIELDS."""
    field, kind = FIELDS[datatype]
    made = InferTensorContents()
    getattr(made, field).extend(
        _elements(raw) if datatype == "BYTES" else np.frombuffer(raw, kind).tolist()
    )
    return made


def _length(value: bytes) -> bytes:
    return len(value).to_bytes(LENGTH, "little")


def _elements(raw: memoryview) -> list[bytes]:
    elements, at = [], 0
    while at < len(raw):
        start = at + LENGTH
        at = start + int.from_bytes(raw[at:start], "little")
        elements.append(bytes(raw[start:at]))
    return elements
