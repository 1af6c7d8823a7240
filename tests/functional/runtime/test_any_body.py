"""No body causes a 5xx, ends the process, or gets an answer in another shape."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.events import Call, rest_api_v1
from tests.support.onnx_models import identity, scaled, two_inputs
from tests.support.requests_v2 import FEATURES, tensor
from tests.support.services import service_of
from wherry.artifact import Artifact
from wherry.http import App
from wherry.http.lambda_events import Handler, handler_for
from wherry.limits import Limits

numbers = st.one_of(
    st.integers(), st.floats(allow_nan=False), st.sampled_from([0, -1, 2**31, 2**63, 2**64, 1e308])
)
scalars = st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=20))
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
keys = st.sampled_from(["name", "shape", "datatype", "data", "parameters"])
shapes = st.lists(st.one_of(st.integers(-2, 6), numbers, scalars), max_size=4)

MODELS: Mapping[str, tuple[Artifact, list[dict[str, Any]]]] = {
    "numbers": (scaled(), [FEATURES]),
    "strings": (identity("BYTES"), [tensor("x", "BYTES", [2], ["a", "b"])]),
    "any sizes": (
        two_inputs("MatMul", (-1, -1)),
        [tensor("a", "FP32", [1, 2], [1, 2]), tensor("b", "FP32", [1, 2], [1, 2])],
    ),
    "bytes": (identity("UINT8", (-1, 2)), [tensor("x", "UINT8", [1, 2], [1, 2])]),
}


@pytest.fixture(params=MODELS)
def asked(
    request: pytest.FixtureRequest, event_loop: asyncio.AbstractEventLoop
) -> tuple[Handler, list[dict[str, Any]]]:
    artifact, inputs = MODELS[request.param]
    assert not event_loop.is_closed()
    service = service_of(artifact, limits=Limits(body_bytes=10_000, elements=1000))
    return handler_for(App(service)), inputs


def check(handler: Handler, body: bytes) -> None:
    reply = handler(rest_api_v1(Call("POST", "/v2/models/tiny/infer", body)), None)

    assert reply["statusCode"] in {200, 400, 413}, body
    assert reply["statusCode"] == 200 or list(json.loads(reply["body"])) == ["error"]


quietly = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # the app keeps no state
)


@quietly
@given(body=st.binary(max_size=200))
def test_any_bytes(asked: tuple[Handler, Any], body: bytes) -> None:
    check(asked[0], body)


@quietly
@given(message=anything)
def test_any_json(asked: tuple[Handler, Any], message: Any) -> None:
    check(asked[0], json.dumps(message).encode())


@quietly
@given(key=keys, value=anything, data=st.data())
def test_a_good_request_with_one_thing_wrong(
    asked: tuple[Handler, list[dict[str, Any]]], key: str, value: Any, data: st.DataObject
) -> None:
    handler, inputs = asked
    spoiled = data.draw(st.sampled_from(inputs))
    changed = [{**told, key: value} if told is spoiled else told for told in inputs]

    check(handler, json.dumps({"inputs": changed}).encode())


@quietly
@given(shape=shapes, items=st.lists(anything, max_size=8), top=anything)
def test_any_shape_with_any_data(
    asked: tuple[Handler, list[dict[str, Any]]], shape: Any, items: Any, top: Any
) -> None:
    handler, inputs = asked
    changed = [{**told, "shape": shape, "data": items} for told in inputs]

    check(handler, json.dumps({"inputs": changed, "outputs": top, "id": top}).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[" * 9000,
        b'{"inputs":' * 900 + b"1" + b"}" * 900,
        b'{"inputs":' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"id":' + b"[" * 900 + b"]" * 900 + b"}",
        orjson.dumps({"inputs": [{**FEATURES, "shape": [10**18, 4]}]}),
        orjson.dumps({"inputs": [{**FEATURES, "shape": [0] * 200}]}),
        orjson.dumps({"inputs": [{**FEATURES, "data": [["x" * 4000], *[["y"]] * 900]}]}),
        b'{"inputs":[{"name":"\\ud800"}]}',
        b'{"inputs":[{"name":"\\u0000"}]}',
    ],
    ids=range(10),
)
def test_what_breaks_naive_servers(asked: tuple[Handler, Any], body: bytes) -> None:
    check(asked[0], body)
