from typing import Any

import numpy as np
import pytest

from wherry.errors import RequestError
from wherry.protocol.array_tensors import cast


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

    np.testing.assert_array_equal(tensor, value)


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
    ],
)
def test_anything_else_is_refused(datatype: str, value: Any, told: str) -> None:
    with pytest.raises(RequestError, match=told):
        cast("x", value, datatype)
