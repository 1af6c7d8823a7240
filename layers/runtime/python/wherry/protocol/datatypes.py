"""The protocol's datatypes, and what NumPy, ONNX Runtime, JSON and `struct` call them."""

from collections.abc import Mapping

import numpy as np

# NumPy has no BF16: its arrays hold the 16 bits of each number, as UINT16.
TO_NUMPY: Mapping[str, np.dtype] = {
    "BOOL": np.dtype(np.bool_),
    "UINT8": np.dtype(np.uint8),
    "UINT16": np.dtype(np.uint16),
    "UINT32": np.dtype(np.uint32),
    "UINT64": np.dtype(np.uint64),
    "INT8": np.dtype(np.int8),
    "INT16": np.dtype(np.int16),
    "INT32": np.dtype(np.int32),
    "INT64": np.dtype(np.int64),
    "FP16": np.dtype(np.float16),
    "FP32": np.dtype(np.float32),
    "FP64": np.dtype(np.float64),
    "BF16": np.dtype(np.uint16),
    "BYTES": np.dtype(object),
}

FROM_ONNX: Mapping[str, str] = {
    "tensor(bool)": "BOOL",
    "tensor(uint8)": "UINT8",
    "tensor(uint16)": "UINT16",
    "tensor(uint32)": "UINT32",
    "tensor(uint64)": "UINT64",
    "tensor(int8)": "INT8",
    "tensor(int16)": "INT16",
    "tensor(int32)": "INT32",
    "tensor(int64)": "INT64",
    "tensor(float16)": "FP16",
    "tensor(float)": "FP32",
    "tensor(double)": "FP64",
    "tensor(bfloat16)": "BF16",
    "tensor(string)": "BYTES",
}

# The letter of `struct` for each number that JSON can carry. In its "<" form struct refuses what is
# out of range; its native form takes 1e39 for an infinite FP32.
PACKED: Mapping[str, str] = {
    "UINT8": "B", "UINT16": "H", "UINT32": "I", "UINT64": "Q",
    "INT8": "b", "INT16": "h", "INT32": "i", "INT64": "q",
    "FP16": "e", "FP32": "f", "FP64": "d",
}  # fmt: skip
NO_JSON = TO_NUMPY.keys() - PACKED.keys() - {"BOOL", "BYTES"}

_WHOLE = frozenset({int})

# A JSON `true` is no 1 and a string is no number, though Python and NumPy would take them so.
FROM_JSON: Mapping[str, frozenset[type]] = {
    name: {"b": frozenset({bool}), "O": frozenset({str}), "f": _WHOLE | {float}}.get(
        dtype.kind, _WHOLE
    )
    for name, dtype in TO_NUMPY.items()
    if name not in NO_JSON
}
