"""What is at a limit is not over it."""

import orjson
import pytest

from tests.support.onnx_models import identity, scaled
from tests.support.plain_models import plain
from tests.support.requests_v2 import features, request, tensor
from tests.support.services import service_of
from wherry.errors import TooLargeError
from wherry.limits import Limits

TWO_ROWS = features(shape=[2, 4], data=[1] * 8)


@pytest.mark.parametrize("limits", [Limits(rows=2), Limits(elements=8)])
def test_as_many_rows_and_elements_as_are_allowed_are_answered(limits: Limits) -> None:
    assert service_of(limits=limits).infer(TWO_ROWS).rows == 2


def test_an_answer_of_just_as_many_bytes_as_are_allowed_is_given() -> None:
    full = len(service_of().infer(request()).body)

    assert service_of(limits=Limits(answer_bytes=full)).infer(request()).rows == 1
    with pytest.raises(TooLargeError):
        service_of(limits=Limits(answer_bytes=full - 1)).infer(request())


def test_a_limit_for_decompressed_bodies_is_none_for_those_that_came_plain() -> None:
    limits = Limits(body_bytes=len(request()), decompressed_bytes=1)

    assert service_of(limits=limits).infer(request()).rows == 1


@pytest.mark.parametrize("limits", [{"rows": 2}, {"elements": 8}, {"elements": 11}])
def test_as_many_plain_rows_as_are_allowed_are_answered(limits: dict[str, int]) -> None:
    assert plain(scaled(), **limits).answer(b"[[1, 2, 3, 4], [1, 2, 3, 4]]").rows == 2


def test_a_plain_text_and_a_plain_answer_may_be_as_long_as_is_allowed() -> None:
    body = plain(identity("BYTES")).answer(b'["abc"]').body

    told = plain(identity("BYTES"), text_length=3, answer_bytes=len(body)).answer(b'["abc"]')

    assert orjson.loads(told.body)["predictions"] == [{"y": "abc"}]


@pytest.mark.parametrize("datatype", ["BYTES", "BOOL", "INT64"])
def test_what_is_never_nan_may_come_where_nan_may_not(datatype: str) -> None:
    data = {"BYTES": ["a"], "BOOL": [True]}.get(datatype, [1])
    service = service_of(identity(datatype), limits=Limits(nonfinite="refuse"))

    assert service.infer(request(tensor("x", datatype, [1], data))).rows == 1
