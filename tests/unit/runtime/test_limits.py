"""Each limit, and what a caller over it is told."""

import json
from typing import Any

import msgspec
import numpy as np
import orjson
import pytest

from tests.support.binary_v2 import ALL_BINARY, binary, binary_request, packed
from tests.support.onnx_models import DATATYPES, JSON_DATATYPES, identity, scaled, spec, two_inputs
from tests.support.requests_v2 import features, request, tensor
from tests.support.services import service_of
from wherry.errors import RequestError, TooLargeError
from wherry.limits import LAMBDA_BODY, LAMBDA_PAYLOAD, Limits
from wherry.protocol.capacity import _JSON_BYTES, advice
from wherry.protocol.datatypes import TO_NUMPY
from wherry.service import Service

HUGE = 10**18


def over(service: Service, body: bytes, length: int | None = None) -> str:
    """What the refusal says."""
    with pytest.raises(TooLargeError) as error:
        service.infer(body, header_length=length)
    return str(error.value)


def test_a_body_of_the_default_limit_fits_lambda_in_base64_with_room_for_the_event() -> None:
    assert 0 < LAMBDA_PAYLOAD - LAMBDA_BODY * 4 // 3 <= 64 * 1024 + 4
    assert Limits().body_bytes == Limits().answer_bytes == LAMBDA_BODY


def test_what_is_at_the_limit_is_not_over_it() -> None:
    body = request()

    service_of(limits=Limits(body_bytes=len(body))).check_body(len(body))


def test_a_body_over_the_limit_is_refused_as_it_comes() -> None:
    with pytest.raises(TooLargeError, match=r"the request: it is over 10 bytes\. Send at most 0"):
        service_of(limits=Limits(body_bytes=10)).check_body(11)


def test_a_body_over_the_limit_of_decompressed_ones_is_refused() -> None:
    with pytest.raises(TooLargeError, match="the request: it is over 10 bytes"):
        service_of(limits=Limits(body_bytes=5, decompressed_bytes=10)).infer(request())


def test_a_body_that_was_compressed_may_be_longer_than_one_that_was_not() -> None:
    body = request()

    limits = Limits(body_bytes=len(body) - 1, decompressed_bytes=len(body))
    assert service_of(limits=limits).infer(body).rows == 1


@pytest.mark.parametrize(
    "shape", [[3, 4], [HUGE, 4], [2**62, 4], [9, 4]], ids=lambda shape: str(shape[0])
)
def test_elements_are_limited_by_what_is_claimed(shape: list[int]) -> None:
    service = service_of(limits=Limits(elements=8, rows=HUGE * 10))

    for body, length in (
        (features(shape=shape, data=[]), None),
        binary_request(binary("features", "FP32", shape, b"")),
    ):
        told = over(service, body, length)
        assert told.startswith(f'input "features": shape [{shape[0]},4] is over 8 elements. Send')


def test_rows_are_limited_by_what_is_claimed() -> None:
    told = over(service_of(limits=Limits(rows=2)), features(shape=[3, 4], data=[]))

    assert told.startswith('input "features": 3 rows are over 2. Send at most 2 rows as JSON, 2 ')


@pytest.mark.parametrize("shape", [[HUGE, 0], [0, HUGE], [0, 10**4, 10**4]])
def test_a_zero_among_the_sizes_excuses_no_other(shape: list[int]) -> None:
    artifact = identity("FP32", [-1] * len(shape))

    over(service_of(artifact), request(tensor("x", "FP32", shape, [])))


@pytest.mark.parametrize("binary_data", [True, False])
def test_the_length_of_a_text_is_limited(binary_data: bool) -> None:  # noqa: FBT001
    service = service_of(identity("BYTES"), limits=Limits(text_length=3))

    for text, fits in (("äöü", True), ("abcd", False)):
        body, length = (
            binary_request(binary("x", "BYTES", [2], packed(b"", text.encode())))
            if binary_data
            else (request(tensor("x", "BYTES", [2], ["", text])), None)
        )
        if fits:
            assert service.infer(body, header_length=length).rows == 2
        else:
            told = over(service, body, length)
            assert told.startswith('input "x": a text of 4 characters came; 3 are allowed. Send sh')


@pytest.mark.parametrize("datatype", ["FP16", "FP32", "FP64", "BF16"])
@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_nan_and_infinity_may_come_unless_they_are_refused(datatype: str, number: str) -> None:
    numbers = np.array([1.0, float(number)], "<f4")
    bits = (numbers.view("<u4") >> 16).astype("<u2") if datatype == "BF16" else None
    data = numbers.astype(TO_NUMPY[datatype]) if bits is None else bits
    body, length = binary_request(binary("x", datatype, [2], data.tobytes()), parameters=ALL_BINARY)

    assert service_of(identity(datatype)).infer(body, header_length=length).rows == 2
    service = service_of(identity(datatype), limits=Limits(nonfinite="refuse"))
    with pytest.raises(RequestError, match='"x": NaN or infinity came; finite numbers are wanted'):
        service.infer(body, header_length=length)


def test_refusing_nan_refuses_nothing_else() -> None:
    service = service_of(limits=Limits(nonfinite="refuse"))

    assert service.infer(request()).rows == 1


@pytest.mark.parametrize("text", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_json_has_no_nan_and_no_infinity_to_send(text: bytes) -> None:
    body = request(tensor("x", "FP64", [1], [12345])).replace(b"12345", text)

    with pytest.raises(RequestError):
        service_of(identity("FP64")).infer(body)


@pytest.mark.parametrize("depth", [2_000, 1_000_000])
@pytest.mark.parametrize("brackets", [b"[]", b'{"a":}'])
def test_json_that_is_too_deep_is_refused_and_not_followed(depth: int, brackets: bytes) -> None:
    opening, closing = brackets[:-1], brackets[-1:]
    deep = opening * depth + b"1" + closing * depth

    with pytest.raises(RequestError, match="it is not JSON"):
        service_of().infer(b'{"inputs":' + deep + b"}")


def test_data_may_be_nested_as_deep_as_any_model_wants() -> None:
    shape = [1] * 64  # NumPy's own limit

    data: Any = 1
    for _ in shape:
        data = [data]
    body = request(tensor("x", "FP32", shape, data))
    assert service_of(identity("FP32", shape)).infer(body).rows == 1


def test_an_answer_over_the_limit_is_refused_in_either_form() -> None:
    service = service_of(limits=Limits(answer_bytes=400))
    rows = {"shape": [100, 4], "data": [1] * 400}

    for parameters in ({}, ALL_BINARY):
        entry = {"name": "features", "datatype": "FP32", **rows}
        told = over(service, request(entry, parameters=parameters))
        assert told.startswith("the answer: it is over 400 bytes. Send at most 0 rows as JSON")


@pytest.mark.parametrize("limit", range(200, 330, 8))
def test_an_answer_is_never_longer_than_the_limit(limit: int) -> None:
    body = request(parameters=ALL_BINARY)
    full = len(service_of().infer(body).body)

    service = service_of(limits=Limits(answer_bytes=limit))
    if limit < full:
        over(service, body)
    else:
        assert len(service.infer(body).body) <= limit


@pytest.mark.parametrize("datatype", DATATYPES)
@pytest.mark.parametrize("as_json", [True, False])
def test_as_many_rows_as_are_advised_do_fit(datatype: str, as_json: bool) -> None:  # noqa: FBT001
    limits = Limits(body_bytes=40_000, decompressed_bytes=40_000, answer_bytes=40_000)
    service = service_of(identity(datatype, (-1, 3)), limits=limits)
    told = [int(word) for word in service.advice.replace(",", "").split() if word.isdigit()]
    rows = told[0] if as_json else told[-1]
    data = random_elements(datatype, rows * 3)

    if not as_json:
        raw = packed(*data) if datatype == "BYTES" else data.tobytes()
        asked = binary("x", datatype, [rows, 3], raw)
        body, length = binary_request(asked, parameters=ALL_BINARY)
        assert service.infer(body, header_length=length).rows == rows
    elif datatype in JSON_DATATYPES:
        listed = [text.decode() for text in data] if datatype == "BYTES" else data.tolist()
        plain = json.dumps({"inputs": [tensor("x", datatype, [rows, 3], listed)]}).encode()
        assert 0.8 * limits.body_bytes < len(plain) <= limits.body_bytes
        assert service.infer(plain).rows == rows


def random_elements(datatype: str, count: int) -> Any:
    """As long in JSON as the datatype's are: whole numbers of the most digits, any fraction."""
    source = np.random.default_rng(7)
    dtype = TO_NUMPY[datatype]
    if datatype == "BYTES":
        return [b"%032d" % number for number in range(count)]
    if dtype.kind == "f":
        return source.standard_normal(count).astype(dtype)
    if dtype.kind == "b":
        return np.zeros(count, dtype)
    return np.full(count, np.iinfo(dtype).min or np.iinfo(dtype).max, dtype)


@pytest.mark.parametrize("datatype", ["FP16", "FP32", "FP64"])
def test_a_fraction_is_as_long_in_json_as_is_reckoned(datatype: str) -> None:
    """As Python's own json writes it; the reckoning is on the safe side, and not far off."""
    numbers = np.random.default_rng(3).standard_normal(20_000).astype(TO_NUMPY[datatype])

    measured = len(json.dumps(numbers.tolist())) / len(numbers)

    assert measured <= _JSON_BYTES[datatype] <= measured * 1.15


@pytest.mark.parametrize(
    ("artifact", "told"),
    [
        (scaled(), "Send at most 42,440 rows as JSON, 233,420 as binary tensors."),
        (two_inputs(), "Send at most 53,050 rows as JSON, 291,776 as binary tensors."),
        (identity("UINT8", (-1, 224, 224, 3)), "Send at most 6 rows as JSON, 31 as binary"),
        (identity("FP32", (-1, 224, 224, 3)), "Send at most 1 row as JSON, 7 as binary"),
        (identity("BF16", (-1, 8)), "Send at most 291,776 rows, as binary tensors."),
        (identity("FP32", (-1, -1)), "Send smaller tensors."),
        (identity("FP32", (2, 2)), "Send smaller tensors."),
    ],
)
def test_advice_is_in_rows_where_rows_are_what_the_caller_chooses(artifact: Any, told: str) -> None:
    said = advice(artifact.manifest, Limits())

    assert said.startswith(told)
    assert said.endswith(" More is work for a batch job.")


def test_advice_keeps_the_limit_of_elements_and_room_for_what_has_no_rows() -> None:
    manifest = scaled().manifest
    full = msgspec.structs.replace(manifest, outputs=(spec("y", shape=(300_000,)),))

    assert advice(manifest, Limits(elements=40)).startswith("Send at most 10 rows as JSON, 10 ")
    assert advice(full, Limits()).startswith("Send at most 0 rows as JSON, 291,")


def test_numbers_that_are_long_cost_no_more_than_the_body() -> None:
    """A number of any length is a number; one beyond every datatype is refused."""
    body = orjson.dumps({"inputs": [tensor("x", "FP64", [1], [77777])]})

    with pytest.raises(RequestError):
        service_of(identity("FP64")).infer(body.replace(b"77777", b"9" * 1_000_000))
