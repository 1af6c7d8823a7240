"""No gRPC message is the server's fault: whatever comes is answered, or refused with a reason."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.grpc_calls import infer, typed, untyped
from tests.support.onnx_models import DATATYPES, every_datatype, scaled
from tests.support.services import service_of
from wherry.errors import RequestError
from wherry.http import App
from wherry_control.grpc import open_inference_grpc_pb2 as v2
from wherry_control.grpc.contents import FIELDS
from wherry_control.grpc.front import METHODS

INFER = METHODS["ModelInfer"]
INT32, INT64 = st.integers(-(2**31), 2**31 - 1), st.integers(-(2**63), 2**63 - 1)
UINT32, UINT64 = st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1)
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "bool_contents": st.booleans(),
    "int_contents": INT32,
    "int64_contents": INT64,
    "uint_contents": UINT32,
    "uint64_contents": UINT64,
    "fp32_contents": st.floats(width=32),
    "fp64_contents": st.floats(),
    "bytes_contents": st.binary(max_size=8),
}
NAMES = st.sampled_from(["features", *(f"x_{name.lower()}" for name in DATATYPES)]) | st.text(
    st.characters(codec="utf-8"), max_size=5
)
SHAPES = st.lists(st.integers(-2, 4) | INT64, max_size=4)
TYPED = st.builds(
    lambda name, datatype, shape, contents: typed(name, datatype, shape, **contents),
    NAMES,
    st.sampled_from(DATATYPES) | st.text(st.characters(codec="utf-8"), max_size=4),
    SHAPES,
    st.dictionaries(st.sampled_from(sorted(KINDS)), st.none(), max_size=1).flatmap(
        lambda chosen: st.fixed_dictionaries(
            {name: st.lists(KINDS[name], max_size=8) for name in chosen}
        )
    ),
)
PARAMETERS = st.dictionaries(
    st.sampled_from(
        ["binary_data", "binary_data_size", "binary_data_output", "classification", "x"]
    ),
    st.builds(lambda told: v2.InferParameter(double_param=told), st.floats())
    | st.builds(lambda told: v2.InferParameter(bool_param=told), st.booleans())
    | st.builds(lambda told: v2.InferParameter(uint64_param=told), UINT64),
    max_size=2,
)
MESSAGES = st.builds(
    lambda inputs, raw, outputs, parameters: infer(
        *inputs, raw=tuple(raw), outputs=tuple(outputs), parameters=parameters
    ),
    st.lists(TYPED, min_size=1, max_size=3),
    st.lists(st.binary(max_size=40), max_size=3),
    st.lists(NAMES, max_size=2),
    PARAMETERS,
)


@pytest.fixture(scope="module")
def apps() -> dict[str, App]:
    return {"tiny": App(service_of(scaled())), "every": App(service_of(every_datatype()))}


@settings(max_examples=150, deadline=None)
@example(infer(), "tiny")
@example(infer(untyped("features", "FP32", [0, 4]), raw=(b"",)), "tiny")
@example(infer(typed("features", "FP32", [2**62, 2**62], fp32_contents=[1])), "tiny")
@given(MESSAGES, st.sampled_from(["tiny", "every"]))
def test_no_message_is_answered_with_a_5xx(
    apps: dict[str, App], message: v2.ModelInferRequest, model: str
) -> None:
    message.model_name = model
    try:
        reply = apps[model].answer(INFER.write(message))
    except RequestError:
        return

    assert reply.status < 500
    if reply.status == 200:
        assert INFER.read(message, reply).outputs


def test_every_kind_of_contents_is_tried() -> None:
    assert set(KINDS) == {field for field, _ in FIELDS.values()}
