from typing import Any

import numpy as np
import pytest

from wherry.errors import RequestError
from wherry.protocol.array_tensors import cast, numbers


@pytest.mark.parametrize(
    ("datatype", "value"),
    [
        ("FP32", [[1, 2], [3, 4]]),
        ("FP32", np.ones((2, 2))),
        ("FP32", [np.ones(2), np.ones(2)]),
        ("FP32", [float("nan")]),
        ("INT8", np.array([1, 2], np.uint64)),
        ("UINT8", [255]),
        ("INT64", []),
        ("BOOL", [True]),
        ("BYTES", ["é", ""]),
        ("BYTES", np.array(["a"], object)),
        ("FP64", 5),
    ],
)
def test_what_loses_nothing_but_precision_is_cast(datatype: str, value: Any) -> None:
    tensor = cast("x", value, datatype)

    assert np.array_equal(tensor, value, equal_nan=tensor.dtype.kind == "f")


def test_an_array_of_the_right_datatype_is_not_copied() -> None:
    array = np.ones(3, np.float32)

    assert cast("x", array, "FP32") is array


@pytest.mark.parametrize(
    ("datatype", "value", "told"),
    [
        ("FP32", [None], "an array of object came"),
        ("FP32", ["1.5"], "came; FP32 is wanted"),
        ("FP32", [True], "an array of bool came"),
        ("FP32", [1e39], "out of the range"),
        ("FP32", [[1, 2], [3]], "its rows differ in length"),
        ("INT64", [1.0], "an array of float64 came"),
        ("UINT8", [300], "out of the range"),
        ("UINT8", [-1], "out of the range"),
        ("BOOL", [1], "an array of int64 came"),
        ("BYTES", [1], "came; BYTES is wanted"),
        ("BYTES", np.array(["a", 1], object), "a int came; BYTES is wanted"),
        ("BYTES", np.array([b"a"], object), "a bytes came; BYTES is wanted"),
        ("BYTES", np.array([None], object), "a NoneType came; BYTES is wanted"),
        ("BYTES", ["\ud800"], "not one that UTF-8 can hold"),
        ("BF16", [True], "an array of bool came"),
        ("BF16", [1e39], "out of the range"),
        ("BF16", [3.4e38], "out of the range of BF16"),
    ],
)
def test_anything_else_is_refused(datatype: str, value: Any, told: str) -> None:
    with pytest.raises(RequestError, match=told):
        cast("x", value, datatype)


@pytest.mark.parametrize(
    ("number", "bits"),
    [
        (0.0, 0x0000),
        (-0.0, 0x8000),
        (1.0, 0x3F80),
        (3.14159, 0x4049),
        (1.00390625, 0x3F80),  # in the middle: to the even one below
        (1.01171875, 0x3F82),  # in the middle: to the even one above
        (np.inf, 0x7F80),
        (-np.inf, 0xFF80),
        (np.nan, 0x7FC0),
        (3.3895314e38, 0x7F7F),
    ],
)
def test_a_number_becomes_the_nearest_bf16(number: float, bits: int) -> None:
    assert cast("x", number, "BF16").tolist() == bits
    assert cast("x", [[number]], "BF16").tolist() == [[bits]]


def test_a_nan_of_all_bits_rounds_to_no_number() -> None:
    full = np.array([0x7FFFFFFF, 0xFFFFFFFF], np.uint32).view(np.float32)

    assert np.isnan(numbers(cast("x", full, "BF16"), "BF16")).all()


def test_every_bf16_comes_back_as_the_number_that_it_is() -> None:
    bits = np.arange(2**16, dtype=np.uint16)

    told = numbers(bits, "BF16")

    same = cast("x", told, "BF16") == bits
    assert (same | np.isnan(told)).all()
