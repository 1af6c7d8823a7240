"""
How many rows of a model fit in one request: what a caller is told who sent too many.

Reckoned from the manifest, for the request and its answer, whichever is fuller. A number in JSON is
as long as its sender writes it; here it is as Python's own `json` writes it, a comma and a space
after each. Texts are taken for 32 bytes.
"""

from collections.abc import Callable
from math import prod

from wherry.limits import Limits
from wherry.manifest import Manifest, TensorSpec
from wherry.protocol.datatypes import NO_JSON, TO_NUMPY
from wherry.protocol.signature import VARIABLE

_TEXT = 32
_ENVELOPE = 1024  # the names, the shapes and the parameters around the data
_JSON_BYTES = {
    "BOOL": 7, "UINT8": 5, "UINT16": 7, "UINT32": 12, "UINT64": 22,
    "INT8": 6, "INT16": 8, "INT32": 13, "INT64": 22,
    "FP16": 16, "FP32": 22, "FP64": 22, "BYTES": _TEXT + 4,
}  # fmt: skip

Measure = Callable[[str], int]


def advice(manifest: Manifest, limits: Limits) -> str:
    """What to do about a request, or an answer, that is over a limit."""
    specs = (*manifest.inputs, *manifest.outputs)
    more = "More is work for a batch job."
    if not _is_counted_in_rows(manifest):
        return f"Send smaller tensors. {more}"
    binary = _rows(manifest, limits, _binary_bytes)
    if any(spec.datatype in NO_JSON for spec in specs):
        return f"Send at most {_counted(binary)}, as binary tensors. {more}"
    json = _rows(manifest, limits, _JSON_BYTES.__getitem__)
    return f"Send at most {_counted(json)} as JSON, {binary:,} as binary tensors. {more}"


def _counted(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows:,} rows"


def _is_counted_in_rows(manifest: Manifest) -> bool:
    """Whether the number of rows is all that a caller can choose."""
    sizes_of_rows = [spec.shape[1:] for spec in (*manifest.inputs, *manifest.outputs)]
    return any(map(_has_rows, manifest.inputs)) and not any(
        VARIABLE in sizes for sizes in sizes_of_rows
    )


def _rows(manifest: Manifest, limits: Limits, measure: Measure) -> int:
    return min(
        _rows_of(manifest.inputs, limits.body_bytes, limits, measure),
        _rows_of(manifest.outputs, limits.answer_bytes, limits, measure),
    )


def _rows_of(specs: tuple[TensorSpec, ...], size: int, limits: Limits, measure: Measure) -> int:
    fixed = sum(prod(spec.shape) * measure(spec.datatype) for spec in specs if not _has_rows(spec))
    rows = [spec for spec in specs if _has_rows(spec)]
    a_row = sum(prod(spec.shape[1:]) * measure(spec.datatype) for spec in rows)
    most = [limits.elements // max(1, prod(spec.shape[1:])) for spec in rows]
    return max(0, min(limits.rows, (size - _ENVELOPE - fixed) // max(1, a_row), *most))


def _has_rows(spec: TensorSpec) -> bool:
    return spec.shape[:1] == (VARIABLE,)


def _binary_bytes(datatype: str) -> int:
    return _TEXT + 4 if datatype == "BYTES" else TO_NUMPY[datatype].itemsize
