from typing import Any

import numpy as np
import pytest

from tests.support.onnx_models import JSON_DATATYPES, identity
from tests.support.requests_v2 import request, tensor
from tests.support.services import service_of
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


LONG = 5000


@pytest.mark.parametrize("literal", [True, False])
@pytest.mark.parametrize("place", [0, 1, LONG // 2, LONG - 1])
@pytest.mark.parametrize("number", [0, 1, 0.5])
@pytest.mark.parametrize("datatype", ["FP32", "INT8", "UINT64", "FP16"])
def test_one_boolean_among_thousands_of_numbers_is_found(
    datatype: str,
    number: float,
    place: int,
    literal: bool,  # noqa: FBT001
) -> None:
    if number == 0.5 and not datatype.startswith("FP"):  # a fraction is refused for itself
        return
    data: list[Any] = [number] * LONG
    data[place] = literal
    body = request(tensor("x", datatype, [LONG], data))

    with pytest.raises(RequestError, match="true or false"):
        service_of(identity(datatype)).infer(body)


@pytest.mark.parametrize("name", ["u" * 200, "lull", "untrue", "falsely true", "\\u0074rue"])
def test_letters_elsewhere_hide_no_boolean(name: str) -> None:
    good: list[Any] = [0] * LONG
    service = service_of(identity("FP32"))

    for data in (good, [True, *good[1:]]):
        body = request(tensor("x", "FP32", [LONG], data), id=name)
        if data is good:
            assert service.infer(body).rows == LONG
            continue
        with pytest.raises(RequestError, match="holds true or false"):
            service.infer(body)
