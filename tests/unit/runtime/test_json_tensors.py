from typing import Any

import numpy as np
import pytest

from tests.support.onnx_models import JSON_DATATYPES
from wherry.errors import RequestError
from wherry.protocol.datatypes import TO_NUMPY
from wherry.protocol.json_tensors import to_array

GOOD: dict[str, list[Any]] = {"BOOL": [True, False], "BYTES": ["a", "é\0"]}


@pytest.mark.parametrize("datatype", JSON_DATATYPES)
def test_every_datatype_is_read_exactly(datatype: str) -> None:
    data = GOOD.get(datatype, [0, 100])

    array = to_array("x", data, datatype, (2,))

    assert array.dtype == TO_NUMPY[datatype]
    assert array.tolist() == data


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        ([1, 2, 3, 4, 5, 6], (2, 3)),
        ([[1, 2, 3], [4, 5, 6]], (2, 3)),
        ([[[1], [2], [3]], [[4], [5], [6]]], (2, 3, 1)),
        ([7], ()),
        ([], (0,)),
        ([], (0, 3)),
        ([[], []], (2, 0)),
    ],
)
def test_nested_and_flat_data_are_both_row_major(data: Any, shape: tuple[int, ...]) -> None:
    array = to_array("x", data, "FP32", shape)

    assert array.shape == shape
    assert array.ravel().tolist() == np.array(data, float).ravel().tolist()


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        ([1, 2, 3], (2, 2)),
        ([[1, 2], [3]], (2, 2)),
        ([[1, 2, 3, 4]], (2, 2)),
        ([1, [2]], (2,)),
        ([[1], 2], (2, 1)),
        ([[[1]]], (1, 1)),
        ([[]], ()),
        ([1], (10**18,)),
    ],
)
def test_data_that_is_not_its_shape_is_refused(data: Any, shape: tuple[int, ...]) -> None:
    with pytest.raises(RequestError):
        to_array("x", data, "FP32", shape)


@pytest.mark.parametrize(
    ("datatype", "data", "came"),
    [
        ("FP32", [1, None], "null"),
        ("FP32", ["1.5"], "strings"),
        ("FP32", [1.5, True], "true or false"),
        ("FP64", [{}], "objects"),
        ("INT64", [1, 1.0], "fractions"),
        ("INT8", [False], "true or false"),
        ("BOOL", [1], "numbers"),
        ("BOOL", ["true"], "strings"),
        ("BYTES", ["a", 1], "numbers"),
        ("BYTES", ["a" * 1000, None], "null"),
    ],
)
def test_nothing_is_taken_for_something_else(datatype: str, data: list[Any], came: str) -> None:
    with pytest.raises(RequestError, match=f"holds {came}; {datatype} wants"):
        to_array("x", data, datatype, (len(data),))


@pytest.mark.parametrize(
    ("datatype", "number"),
    [
        ("UINT8", 256),
        ("UINT8", -1),
        ("INT8", 128),
        ("INT64", 2**63),
        ("UINT64", -1),
        ("FP16", 65520),
        ("FP16", 2**63),
        ("FP32", 1e39),
        ("FP32", -1e39),
    ],
)
def test_a_number_out_of_range_is_refused_and_not_wrapped(datatype: str, number: float) -> None:
    with pytest.raises(RequestError, match=f"out of the range of {datatype}"):
        to_array("x", [number], datatype, (1,))


@pytest.mark.parametrize("datatype", ["INT64", "UINT64"])
def test_whole_numbers_keep_every_digit(datatype: str) -> None:
    greatest = int(np.iinfo(TO_NUMPY[datatype]).max)

    assert to_array("x", [greatest, 0], datatype, (2,)).tolist() == [greatest, 0]


@pytest.mark.parametrize("data", [None, 5, "text", {}, True])
def test_data_that_is_no_list_is_refused(data: Any) -> None:
    with pytest.raises(RequestError, match="a list is wanted"):
        to_array("x", data, "FP32", ())
