"""Binary tensors in and out of a service, as the protocol's extension says them."""

from typing import Any

import numpy as np
import orjson
import pytest

from tests.support.binary_v2 import (
    ALL_BINARY,
    binary,
    binary_outputs,
    binary_request,
    packed,
)
from tests.support.onnx_models import (
    DATATYPES,
    identity,
    two_inputs,
)
from tests.support.requests_v2 import features, outputs_of, request, tensor
from tests.support.services import service_of
from wherry.errors import RequestError
from wherry.protocol.datatypes import TO_NUMPY

ROW = np.array([[1, 2, 3, 4]], "<f4").tobytes()
BYTES_OF = {"BYTES": packed(b"\xc3\xa9", b"a\0b"), "BOOL": b"\1\0"}


def good_row(**told: Any) -> tuple[bytes, int]:
    """One row for the `scaled` model, in binary."""
    return binary_request(binary("features", "FP32", [1, 4], ROW), **told)


@pytest.mark.parametrize("datatype", DATATYPES)
def test_each_datatype_goes_through_and_comes_back_bit_by_bit(datatype: str) -> None:
    data = BYTES_OF.get(datatype) or np.array([0, 7], TO_NUMPY[datatype]).tobytes()
    body, length = binary_request(binary("x", datatype, [2], data), parameters=ALL_BINARY)

    answer = service_of(identity(datatype)).infer(body, header_length=length)

    assert answer.header_length is not None
    assert answer.body[answer.header_length :] == data
    [told] = orjson.loads(answer.body[: answer.header_length])["outputs"]
    assert told == {
        "name": "y",
        "datatype": datatype,
        "shape": [2],
        "parameters": {"binary_data_size": len(data)},
    }


@pytest.mark.parametrize("datatype", ["FP16", "FP32", "FP64", "BF16"])
def test_nan_and_infinity_go_through_in_binary(datatype: str) -> None:
    numbers = np.array([np.nan, np.inf, -np.inf], "<f4")
    data = (numbers.view("<u4") >> 16).astype("<u2") if datatype == "BF16" else numbers
    data = data if datatype == "BF16" else data.astype(TO_NUMPY[datatype])
    body, length = binary_request(binary("x", datatype, [3], data.tobytes()), parameters=ALL_BINARY)

    answer = service_of(identity(datatype)).infer(body, header_length=length)

    assert answer.body[answer.header_length :] == data.tobytes()


def test_without_being_asked_the_answer_is_json() -> None:
    body, length = good_row()

    answer = service_of().infer(body, header_length=length)

    assert answer.header_length is None
    assert outputs_of(answer.body)["prediction"] == [[20.0]]


def test_a_json_request_may_ask_for_a_binary_answer() -> None:
    answer = service_of().infer(request(parameters=ALL_BINARY))

    found = binary_outputs(answer)
    assert {name: np.asarray(array).tolist() for name, array in found.items()} == {
        "prediction": [[20.0]],
        "doubled": [[2.0, 4.0, 6.0, 8.0]],
    }


@pytest.mark.parametrize("all_binary", [True, False])
def test_what_an_output_says_goes_before_what_the_request_says(all_binary: bool) -> None:  # noqa: FBT001
    asked = [
        {"name": "doubled", "parameters": {"binary_data": not all_binary}},
        {"name": "prediction"},
    ]
    body, length = good_row(parameters={"binary_data_output": all_binary}, outputs=asked)

    answer = service_of().infer(body, header_length=length)

    assert list(binary_outputs(answer)) == ["prediction" if all_binary else "doubled"]
    told = orjson.loads(answer.body[: answer.header_length])["outputs"]
    assert [output["name"] for output in told] == ["doubled", "prediction"]
    assert ["data" in output for output in told] == [all_binary, not all_binary]


def test_tensors_in_json_and_in_binary_come_in_one_message() -> None:
    a = binary("a", "FP32", [1, 2], np.array([1, 2], "<f4").tobytes())
    body, length = binary_request(tensor("b", "FP32", [1, 2], [10, 20]), a)

    answer = service_of(two_inputs()).infer(body, header_length=length)

    assert outputs_of(answer.body)["y"] == [[11.0, 22.0]]


def test_binary_tensors_are_taken_in_the_order_in_which_they_are_listed() -> None:
    a = binary("a", "FP32", [1, 2], np.array([8, 6], "<f4").tobytes())
    b = binary("b", "FP32", [1, 2], np.array([2, 3], "<f4").tobytes())
    service = service_of(two_inputs("Div"))

    for inputs in ([a, b], [b, a]):
        body, length = binary_request(*inputs)
        assert outputs_of(service.infer(body, header_length=length).body)["y"] == [[4.0, 2.0]]


def test_a_tensor_may_begin_at_any_byte() -> None:
    for spaces in range(8):
        body, length = good_row()
        answer = service_of().infer(b" " * spaces + body, header_length=length + spaces)
        assert outputs_of(answer.body)["prediction"] == [[20.0]]


def test_a_header_of_the_whole_body_is_a_request_in_json() -> None:
    assert service_of().infer(request(), header_length=len(request())).rows == 1


@pytest.mark.parametrize(
    ("body", "length", "told"),
    [
        (*good_row(), "fits"),
        (b"{}", -1, "Inference-Header-Content-Length: -1 came; the body has 2 bytes"),
        (b"{}", 3, "3 came; the body has 2 bytes"),
        (b"{}", 10**30, "the body has 2 bytes"),
        (good_row()[0], 5, "it is not JSON"),
        (good_row()[0] + b"\0", good_row()[1], "claim 16 bytes of binary data; 17 came"),
        (good_row()[0][:-1], good_row()[1], "binary_data_size 16 came; 15 bytes are left"),
        (request() + b"\0", len(request()), "claim 0 bytes of binary data; 1 came"),
    ],
)
def test_a_header_length_that_lies_is_told(body: bytes, length: int, told: str) -> None:
    if told == "fits":
        assert service_of().infer(body, header_length=length).rows == 1
        return
    with pytest.raises(RequestError) as error:
        service_of().infer(body, header_length=length)

    assert told in str(error.value)


@pytest.mark.parametrize("size", [-1, 15, 17, 2**63, 16.0, True, "16", [16], 10**12])
def test_a_binary_data_size_that_lies_is_told(size: Any) -> None:
    entry, data = binary("features", "FP32", [1, 4], ROW)
    body, length = binary_request(({**entry, "parameters": {"binary_data_size": size}}, data))

    with pytest.raises(RequestError, match=r'features": (binary_data_size|shape)|is wanted'):
        service_of().infer(body, header_length=length)


def test_a_negative_size_is_told_as_what_it_is() -> None:
    entry, data = binary("features", "FP32", [1, 4], ROW)
    body, length = binary_request(({**entry, "parameters": {"binary_data_size": -16}}, data))

    with pytest.raises(RequestError, match="binary_data_size -16 came; 16 bytes are left"):
        service_of().infer(body, header_length=length)


def test_a_size_that_is_not_the_shapes_is_told_in_bytes() -> None:
    body, length = binary_request(binary("features", "FP32", [2, 4], ROW))

    with pytest.raises(RequestError, match=r"shape \[2,4\] of FP32 wants 32 bytes; 16 came"):
        service_of().infer(body, header_length=length)


def test_no_two_tensors_share_bytes() -> None:
    """Each is taken from where the one before it ended."""
    a, b = (binary(name, "FP32", [1, 2], ROW[:8]) for name in "ab")
    body, length = binary_request(a, (b[0], b""))

    with pytest.raises(RequestError, match='"b": binary_data_size 8 came; 0 bytes are left'):
        service_of(two_inputs()).infer(body, header_length=length)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (packed(b"a") + b"\0", "wants 8 bytes and more; 6 came"),
        (packed(b"a", b"bc") + b"x", "1 bytes follow its last element"),
        (packed(b"a") + b"\xff\xff\xff\xff", "its data ends inside element 1"),
        (packed(b"abcd") + b"\0\0\0", "its data ends inside element 1"),
        (packed(b"a", b"\xff"), "element 1 is not UTF-8; ONNX Runtime carries text only"),
        (packed(b"\xed\xa0\x80", b""), "element 0 is not UTF-8"),
    ],
)
def test_texts_whose_lengths_lie_or_that_are_no_text_are_told(data: bytes, told: str) -> None:
    body, length = binary_request(binary("x", "BYTES", [2], data))

    with pytest.raises(RequestError, match=told):
        service_of(identity("BYTES")).infer(body, header_length=length)


@pytest.mark.parametrize("size", [1, 63, 64, 100])
def test_a_byte_that_is_no_boolean_is_told(size: int) -> None:
    body, length = binary_request(binary("x", "BOOL", [size], b"\1" * (size - 1) + b"\2"))

    with pytest.raises(RequestError, match="a byte is neither 0 nor 1"):
        service_of(identity("BOOL")).infer(body, header_length=length)


@pytest.mark.parametrize(("shape", "rows"), [([0, 2], 0), ([3, 2], 3)])
def test_zero_rows_are_a_batch_too(shape: list[int], rows: int) -> None:
    service = service_of(identity("FP32", (-1, 2)))
    body, length = binary_request(
        binary("x", "FP32", shape, b"\0" * 8 * rows), parameters=ALL_BINARY
    )

    answer = service.infer(body, header_length=length)

    assert answer.rows == rows
    assert np.asarray(binary_outputs(answer)["y"]).shape == tuple(shape)


def test_a_scalar_is_a_tensor_too() -> None:
    body, length = binary_request(binary("x", "INT64", [], b"\5" + b"\0" * 7))

    answer = service_of(identity("INT64", ())).infer(body, header_length=length)

    assert orjson.loads(answer.body)["outputs"][0] == {
        "name": "y", "datatype": "INT64", "shape": [], "data": [5],
    }  # fmt: skip


def test_a_wrong_row_in_json_and_in_binary_is_refused_in_the_same_words() -> None:
    body, length = binary_request(binary("features", "FP32", [1, 5], ROW))
    told = []

    for ask in ((features(shape=[1, 5]), None), (body, length)):
        with pytest.raises(RequestError) as error:
            service_of().infer(ask[0], header_length=ask[1])
        told.append(str(error.value))

    assert told[0] == told[1]
