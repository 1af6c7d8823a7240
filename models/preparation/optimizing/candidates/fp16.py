"""Half precision: half of the size; what goes in and comes out stays FP32. A CPU gains no speed."""

import warnings

from models.preparation.optimizing.candidates.int8 import LAYERS
from models.preparation.optimizing.variant import (
    Variant,
    none_of,
    part_of_onnxruntime,
    read,
    written,
)
from models.preparation.sources.source import Values


def halved(model: bytes, rows: Values) -> bytes:
    del rows
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of weights too small or large: the gates see what it does
        made = part_of_onnxruntime("transformers.float16").convert_float_to_float16(
            read(model), keep_io_types=True
        )
        part_of_onnxruntime("quantization.onnx_model").ONNXModel(made).topological_sort()
    return written(made)  # in order: the casts of inputs were appended


VARIANTS = (
    Variant(
        "fp16", "half precision inside", "approximate", none_of(LAYERS, "fp16"), halved,
    ),
)  # fmt: skip
