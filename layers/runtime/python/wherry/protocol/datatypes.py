"""The protocol's datatypes, and what NumPy, ONNX Runtime and JSON call them."""

from collections.abc import Mapping

import numpy as np

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
    "tensor(string)": "BYTES",
}

_WHOLE = frozenset({int})

# A JSON `true` is no 1 and a string is no number, though Python and NumPy would take them so.
FROM_JSON: Mapping[str, frozenset[type]] = {
    name: {"b": frozenset({bool}), "O": frozenset({str}), "f": _WHOLE | {float}}.get(
        dtype.kind, _WHOLE
    )
    for name, dtype in TO_NUMPY.items()
}
