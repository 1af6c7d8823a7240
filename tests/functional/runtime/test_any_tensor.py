"""
Any tensor, in JSON and in binary, to a service: an answer or a RequestError, and nothing else.

Whatever goes in where the model only hands it back comes out as it was.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.binary_v2 import ALL_BINARY, binary, binary_outputs, binary_request, packed
from tests.support.onnx_models import DATATYPES, JSON_DATATYPES, identity, lookup, two_inputs
from tests.support.requests_v2 import request, tensor
from tests.support.services import service_of
from wherry.errors import RequestError
from wherry.limits import Limits
from wherry.protocol.datatypes import TO_NUMPY
from wherry.service import Service

quietly = settings(max_examples=100, deadline=None, derandomize=True)

FIXED = {name: service_of(identity(name, (-1, 2))) for name in DATATYPES}
SMALL = Limits(body_bytes=100_000, decompressed_bytes=100_000, elements=1000, rows=100)
FREE: Mapping[str, Service] = {
    "any sizes": service_of(identity("FP32", (-1, -1)), limits=SMALL),
    "any product": service_of(two_inputs("MatMul", (-1, -1)), limits=SMALL),
    "texts": service_of(identity("BYTES"), limits=SMALL),
    "booleans": service_of(identity("BOOL"), limits=SMALL),
    "a scalar": service_of(identity("INT8", ()), limits=SMALL),
    "some values only": service_of(lookup(), limits=SMALL),
    "bits": service_of(identity("BF16"), limits=SMALL),
}

sizes = st.one_of(
    st.integers(-2, 5),
    st.sampled_from([10**3, 2**31, 2**32, 2**62, 2**63 - 1, 2**63, 2**64 - 1, -(2**63)]),
    st.sampled_from([True, 1.0, None, "1"]),
)
shapes: st.SearchStrategy[Any] = st.one_of(
    st.lists(sizes, max_size=5), st.sampled_from([None, 4, "x", [[1]], {}])
)
numbers: st.SearchStrategy[Any] = st.one_of(
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, 1, 0.0, 1.0, True, False, None, "1", [], [1], {}, 65504, 65520, 3.5e38]),
)
ragged = st.recursive(
    st.lists(numbers, max_size=6), lambda inner: st.lists(inner, max_size=4), max_leaves=8
)
tails = st.binary(max_size=64)


def ask(service: Service, body: bytes, length: int | None) -> None:
    try:
        answer = service.infer(body, header_length=length)
    except RequestError as error:
        assert len(str(error)) < 1000  # noqa: PT017 - either outcome is right
    else:
        assert len(answer.body) <= service.limits.answer_bytes
        orjson.loads(answer.body[: answer.header_length])


def elements(datatype: str, count: int) -> st.SearchStrategy[Any]:
    """The binary data of so many elements."""
    if datatype == "BYTES":
        texts = st.text(max_size=9).map(str.encode)
        return st.lists(texts, min_size=count, max_size=count).map(lambda told: packed(*told))
    if datatype == "BOOL":
        return st.lists(st.sampled_from([0, 1]), min_size=count, max_size=count).map(bytes)
    size = count * TO_NUMPY[datatype].itemsize
    return st.binary(min_size=size, max_size=size)


@pytest.mark.parametrize("datatype", DATATYPES)
@quietly
@given(data=st.data(), rows=st.integers(0, 9))
def test_any_bits_come_back_in_binary_as_they_went(
    datatype: str, data: st.DataObject, rows: int
) -> None:
    told = data.draw(elements(datatype, rows * 2))
    body, length = binary_request(binary("x", datatype, [rows, 2], told), parameters=ALL_BINARY)

    answer = FIXED[datatype].infer(body, header_length=length)

    assert answer.header_length is not None
    assert answer.body[answer.header_length :] == told


def in_json(datatype: str) -> st.SearchStrategy[Any]:
    dtype = TO_NUMPY[datatype]
    if datatype == "BYTES":
        return st.text(max_size=9)
    if datatype == "BOOL":
        return st.booleans()
    if dtype.kind == "f":
        return st.floats(width=dtype.itemsize * 8, allow_nan=False, allow_infinity=False)  # type: ignore[arg-type] # 16, 32 or 64
    return st.integers(int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))


@pytest.mark.parametrize("datatype", JSON_DATATYPES)
@quietly
@given(data=st.data(), rows=st.integers(0, 9), nested=st.booleans())
def test_any_value_comes_back_in_json_as_it_went(
    datatype: str,
    data: st.DataObject,
    rows: int,
    nested: bool,  # noqa: FBT001
) -> None:
    items = data.draw(st.lists(in_json(datatype), min_size=rows * 2, max_size=rows * 2))
    sent = [items[i : i + 2] for i in range(0, rows * 2, 2)] if nested else items

    answer = FIXED[datatype].infer(request(tensor("x", datatype, [rows, 2], sent)))

    [told] = orjson.loads(answer.body)["outputs"]
    back = np.array(told["data"], TO_NUMPY[datatype])
    assert told["shape"] == [rows, 2]
    assert back.tolist() == items


@pytest.mark.parametrize("datatype", JSON_DATATYPES)
@quietly
@given(data=st.data(), rows=st.integers(1, 9))
def test_json_and_binary_give_the_model_the_same_tensor(
    datatype: str, data: st.DataObject, rows: int
) -> None:
    items = data.draw(st.lists(in_json(datatype), min_size=rows * 2, max_size=rows * 2))
    array = np.array(items, TO_NUMPY[datatype])
    raw = packed(*map(str.encode, items)) if datatype == "BYTES" else array.tobytes()
    as_json = request(tensor("x", datatype, [rows, 2], items), parameters=ALL_BINARY)
    body, length = binary_request(binary("x", datatype, [rows, 2], raw), parameters=ALL_BINARY)

    service = FIXED[datatype]
    first, second = service.infer(as_json), service.infer(body, header_length=length)

    assert (first.body, first.header_length) == (second.body, second.header_length)
    assert list(binary_outputs(first)) == ["y"]


def entries(service: Service, shape: Any, **told: Any) -> list[dict[str, Any]]:
    """One entry for each input of the model."""
    return [
        {"name": spec.name, "datatype": spec.datatype, "shape": shape, **told}
        for spec in service.manifest.inputs
    ]


@pytest.mark.parametrize("name", FREE)
@quietly
@given(shape=shapes, data=st.one_of(ragged, numbers))
def test_any_shape_with_any_json_data(name: str, shape: Any, data: Any) -> None:
    ask(FREE[name], orjson.dumps({"inputs": entries(FREE[name], shape, data=data)}), None)


@pytest.mark.parametrize("name", FREE)
@quietly
@given(
    shape=shapes, size=st.one_of(sizes, st.integers(0, 64)), tail=tails, binary_out=st.booleans()
)
def test_any_shape_with_any_size_and_any_bytes(
    name: str,
    shape: Any,
    size: Any,
    tail: bytes,
    binary_out: bool,  # noqa: FBT001
) -> None:
    inputs = entries(FREE[name], shape, parameters={"binary_data_size": size})
    told = {"inputs": inputs, "parameters": {"binary_data_output": binary_out}}

    header = orjson.dumps(told)
    ask(FREE[name], header + tail, len(header))


@pytest.mark.parametrize("name", FREE)
@quietly
@given(tail=tails)
def test_any_raw_body(name: str, tail: bytes) -> None:
    ask(FREE[name], tail, 0)


@pytest.mark.parametrize("name", FREE)
@quietly
@given(
    body=tails, length=st.one_of(st.integers(-2, 70), sizes.filter(lambda told: type(told) is int))
)
def test_any_header_length(name: str, body: bytes, length: int) -> None:
    ask(FREE[name], body, length)


@pytest.mark.parametrize("own", DATATYPES)
@pytest.mark.parametrize("datatype", [*DATATYPES, "FP8", "STRING", "fp32", "", None, 7, ["FP32"]])
def test_any_datatype_but_the_models_own_is_refused(own: str, datatype: Any) -> None:
    asked = request(tensor("x", datatype, [1, 2], [0, 0]), parameters=ALL_BINARY)

    if own != datatype:
        with pytest.raises(RequestError, match=f"came; {own} is wanted"):
            FIXED[own].infer(asked)
