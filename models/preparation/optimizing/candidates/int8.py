"""
Eight-bit weights, and the arithmetic with them: a quarter of the size, and faster or slower.

Dynamic: the range of what flows through is found anew in each request, over all its rows together.
Static: it was found once, from rows that were learnt, and is written into the graph. Only layers
are made so, never what decides on a label.
"""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from models.preparation.optimizing.variant import (
    Variant,
    none_of,
    part_of_onnxruntime,
    read,
    written,
)
from models.preparation.sources.source import Values

DENSE = ("MatMul", "Gemm")
LAYERS = ("Conv", *DENSE)
BETWEEN = ("Add", "MaxPool", "AveragePool", "GlobalAveragePool", "Flatten", "Reshape", "Transpose")
CALIBRATED, AT_ONCE = 256, 16  # rows: of them all, and in one run


def dynamic(model: bytes, rows: Values, *, per_channel: bool) -> bytes:
    del rows
    tools = part_of_onnxruntime("quantization")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "int8.onnx")
        tools.quantize_dynamic(
            read(model), file, op_types_to_quantize=[*LAYERS], per_channel=per_channel
        )
        return written(read(file.read_bytes()))


def static(model: bytes, rows: Values, *, method: str) -> bytes:
    """QDQ, signed weights a channel each, unsigned activations."""
    tools = part_of_onnxruntime("quantization")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "int8.onnx")
        tools.quantize_static(
            read(model),
            file,
            _Reader(rows),
            op_types_to_quantize=[*LAYERS, *BETWEEN],
            per_channel=True,
            activation_type=tools.QuantType.QUInt8,
            weight_type=tools.QuantType.QInt8,
            calibrate_method=tools.CalibrationMethod[method],
        )
        return written(read(file.read_bytes()))


class _Reader:
    """The rows as quantize_static takes them: evenly picked, always as many at a time."""

    def __init__(self, rows: Values) -> None:
        self._feeds = _parts(rows)

    def get_next(self) -> dict[str, Any] | None:
        return next(self._feeds, None)


def _parts(rows: Values) -> Iterator[dict[str, Any]]:
    total = len(next(iter(rows.values())))
    at_once = min(total, AT_ONCE)
    picked = np.linspace(0, total - 1, min(total, CALIBRATED) // at_once * at_once).astype(int)
    for start in range(0, len(picked), at_once):
        part = picked[start : start + at_once]
        yield {name: np.ascontiguousarray(array[part]) for name, array in rows.items()}


def _variant(name: str, what: str, make: Any, *, needs_rows: bool = False) -> Variant:
    applies = none_of(LAYERS, "int8")
    return Variant(name, what, "approximate", applies, make, needs_rows=needs_rows)


VARIANTS = (
    _variant("dynamic_int8", "int8, ranges found anew", partial(dynamic, per_channel=False)),
    _variant(
        "dynamic_int8_channel", "so, a scale a channel", partial(dynamic, per_channel=True)
    ),
    _variant(
        "static_int8", "int8, the ranges of learnt rows", partial(static, method="MinMax"),
        needs_rows=True,
    ),
    _variant(
        "static_int8_entropy", "so, ranges cut by entropy", partial(static, method="Entropy"),
        needs_rows=True,
    ),
)  # fmt: skip
