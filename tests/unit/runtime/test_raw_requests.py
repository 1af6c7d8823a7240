"""A body without JSON: it is the model's one input, and its shape follows from its bytes."""

from typing import Any

import numpy as np
import pytest

from tests.support.binary_v2 import binary_outputs
from tests.support.onnx_models import identity, scaled, two_inputs
from tests.support.services import service_of
from wherry.errors import RequestError, TooLargeError
from wherry.limits import Limits

ROW = np.array([[1, 2, 3, 4]], "<f4").tobytes()


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_a_raw_body_is_the_tensor_and_its_answer_is_binary(rows: int) -> None:
    answer = service_of().infer(ROW * rows, header_length=0)

    found = np.asarray(binary_outputs(answer)["prediction"])
    assert found.tolist() == [[20.0]] * rows


def test_a_raw_body_is_one_text_with_no_length_before_it() -> None:
    answer = service_of(identity("BYTES")).infer(b"a\0\xc3\xa9", header_length=0)

    assert binary_outputs(answer)["y"] == [b"a\0\xc3\xa9"]


@pytest.mark.parametrize(
    ("artifact", "body", "told"),
    [
        (two_inputs(), ROW, "0 came, a body that is one tensor; the model has 2 inputs"),
        (scaled(), ROW + b"\0", r"shape \[1,4\] of FP32 wants 16 bytes; 17 came"),
        (identity("FP32", (2, 2)), ROW[:8], r"shape \[2,2\] of FP32 wants 16 bytes; 8 came"),
        (identity("FP32", (-1, -1)), ROW, "does not follow from a number of bytes. Send a header"),
        (identity("FP32", (-1, 0)), b"", "does not follow from a number of bytes"),
        (identity("BYTES", (2,)), b"ab", "a raw body is one text; this input takes several"),
        (identity("BYTES"), b"\xff", "element 0 is not UTF-8"),
        (identity("BOOL"), b"\2", "neither 0 nor 1"),
    ],
)
def test_a_raw_body_that_fits_no_shape_is_told(artifact: Any, body: bytes, told: str) -> None:
    with pytest.raises(RequestError, match=told):
        service_of(artifact).infer(body, header_length=0)


def test_a_raw_body_has_its_limits_too() -> None:
    with pytest.raises(TooLargeError, match="2 rows are over 1"):
        service_of(limits=Limits(rows=1)).infer(ROW * 2, header_length=0)
