"""Whatever a server answers becomes a prediction, or one error that says it is none."""

from contextlib import suppress
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.requests_v2 import request
from tests.support.services import service_of
from wherry.client.flow import Answer
from wherry.client.predictions import PlainPrediction, Prediction
from wherry.client.reading import plain_of, prediction_of, tensors_of
from wherry.errors import CloudError

GOOD = service_of().infer(request(parameters={"binary_data_output": True}))
LENGTH = "inference-header-content-length"

_values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
_shapes = st.lists(st.integers(-2, 2**65) | st.integers(0, 3), max_size=3)
_datatypes = st.sampled_from(["FP32", "BOOL", "BYTES", "BF16", "INT64", "FP99", ""])


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """A response with one output, of which any part may be wrong."""
    output: dict[str, Any] = {
        "name": draw(st.text(max_size=3)),
        "datatype": draw(_datatypes),
        "shape": draw(_shapes),
        "data": draw(_values | st.lists(_values | st.lists(_values), max_size=4)),
        "parameters": {"binary_data_size": draw(_values)},
    }
    for name in draw(st.sets(st.sampled_from(sorted(output)))):
        del output[name]
    with suppress(orjson.JSONEncodeError):  # an integer that JSON here does not hold
        return orjson.dumps({"outputs": [output]})
    return b"{}"


@given(
    body=messages() | st.binary(max_size=40),
    tail=st.binary(max_size=12),
    length=st.none() | st.integers(-1, 200) | st.text(max_size=3),
)
def test_any_answer_is_read_or_told(body: bytes, tail: bytes, length: Any) -> None:
    headers = {} if length is None else {LENGTH: str(length)}

    for headed in (headers, {LENGTH: str(len(body))}, {}):
        for read in (tensors_of, plain_of, prediction_of):
            with suppress(CloudError):
                assert isinstance(
                    read(Answer(200, headed, body + tail), "there"), Prediction | PlainPrediction
                )


@given(at=st.integers(0, len(GOOD.body) - 1), byte=st.integers(0, 255))
def test_a_byte_that_was_changed_on_its_way_makes_no_crash(at: int, byte: int) -> None:
    body = GOOD.body[:at] + bytes([byte]) + GOOD.body[at + 1 :]

    with suppress(CloudError):
        tensors_of(Answer(200, {LENGTH: str(GOOD.header_length)}, body), "there")


@pytest.mark.parametrize("size", range(0, len(GOOD.body), 7))
def test_an_answer_that_was_cut_is_told(size: int) -> None:
    with pytest.raises(CloudError, match="cannot be read"):
        tensors_of(Answer(200, {LENGTH: str(GOOD.header_length)}, GOOD.body[:size]), "there")


def test_an_answer_in_json_is_read_too() -> None:
    """As servers of other kinds give it; a null is a number that JSON lacks."""
    body = b'{"outputs": [{"name": "y", "datatype": "FP64", "shape": [2, 1], "data": [1, null]}]}'

    told = tensors_of(Answer(200, {}, body), "there")

    np.testing.assert_array_equal(told["y"], [[1.0], [np.nan]])


def test_plain_predictions_may_say_outputs_themselves() -> None:
    body = b'{"model":"m","version":"1","predictions":[{"label":"outputs","outputs":[1]}]}'

    told = prediction_of(Answer(200, {}, body), "here")

    assert isinstance(told, PlainPrediction)
    assert list(told) == [{"label": "outputs", "outputs": [1]}]
