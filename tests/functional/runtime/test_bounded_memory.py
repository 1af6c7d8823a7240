"""What a caller claims costs nothing; what a caller sends costs a bounded multiple of it."""

import gc
import struct
import tracemalloc
from collections.abc import Iterator

import orjson
import pytest

from tests.support.binary_v2 import ALL_BINARY, binary, binary_request
from tests.support.onnx_models import identity, scaled
from tests.support.requests_v2 import request, tensor
from tests.support.services import service_of
from wherry.errors import RequestError
from wherry.limits import Limits
from wherry.service import Service

MEGABYTE = 1_000_000
LITTLE = 100_000  # bytes: an exception, its message and its frames
WORST = 45  # bytes of Python for one byte of JSON: `{"":1}` is a dictionary


@pytest.fixture(autouse=True)
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def peak_of(service: Service, body: bytes, length: int | None = None) -> int:
    """The most memory that Python and NumPy held at once for a request that is refused."""
    gc.collect()
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    with pytest.raises(RequestError):
        service.infer(body, header_length=length)
    return tracemalloc.get_traced_memory()[1] - before


@pytest.mark.parametrize("size", [5 * 10**6, 10**12, 2**62])
@pytest.mark.parametrize("datatype", ["FP64", "BYTES", "BOOL"])
def test_a_size_that_is_only_claimed_allocates_nothing(datatype: str, size: int) -> None:
    service = service_of(identity(datatype))

    lying, length = binary_request(binary("x", datatype, [size], b"\0" * 8))
    entry, _ = binary("x", datatype, [1], b"")
    far = {**entry, "parameters": {"binary_data_size": size}}
    for claim, header_length in (
        (request(tensor("x", datatype, [size], [])), None),
        (request(tensor("x", datatype, [size], [[]])), None),
        (lying, length),
        binary_request((far, b"\0" * 8)),
    ):
        assert peak_of(service, claim, header_length) < LITTLE


@pytest.mark.parametrize("length", [9, 2**31 - 1, 2**32 - 1])
def test_a_text_whose_length_is_only_claimed_allocates_nothing(length: int) -> None:
    body, header = binary_request(binary("x", "BYTES", [1], struct.pack("<I", length) + b"a" * 8))

    assert peak_of(service_of(identity("BYTES")), body, header) < LITTLE


@pytest.mark.parametrize(
    "piece", ["[]", "{}", '{"":1}', "[[[[]]]]", "1e1", "12345678", '"ab"', "null", "[1]", '"é"']
)
@pytest.mark.parametrize("key", ["data", "shape", "parameters"])
def test_json_costs_a_bounded_multiple_of_its_bytes(piece: str, key: str) -> None:
    count = MEGABYTE // 4 // (len(piece.encode()) + 1)
    many = f"[{','.join([piece] * count)}]".encode()
    entry = orjson.dumps({**tensor("features", "FP32", [1, 4], [1] * 4), key: "here"})
    body = b'{"inputs":[' + entry.replace(b'"here"', many) + b"]}"

    assert peak_of(service_of(scaled()), body) < WORST * len(body)


@pytest.mark.parametrize("parameters", [{}, ALL_BINARY])
def test_an_answer_over_its_limit_is_not_even_written(parameters: dict[str, bool]) -> None:
    service = service_of(identity("UINT8", (-1, 1000)), limits=Limits(answer_bytes=MEGABYTE // 2))
    body, length = binary_request(
        binary("x", "UINT8", [1000, 1000], bytes(MEGABYTE)), parameters=parameters
    )

    assert peak_of(service, body, length) < LITTLE


def test_binary_tensors_cost_no_copy() -> None:
    """But the one that is the answer."""
    service = service_of(identity("FP32", (-1, 1000)))
    body, length = binary_request(
        binary("x", "FP32", [1000, 1000], b"\0" * 4 * MEGABYTE), parameters=ALL_BINARY
    )
    body, length = b" " * (-length % 4) + body, length + -length % 4

    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    answer = service.infer(body, header_length=length)

    assert answer.rows == 1000
    # The model's output is ONNX Runtime's own; the answer is one copy of it.
    assert tracemalloc.get_traced_memory()[1] - before < 4.1 * MEGABYTE
