"""
One truth: what one front answers, every front answers, byte for byte. httpx asks here what the
protocol's own clients cannot.
"""

import gzip
import zlib

import numpy as np
import orjson
import pytest

from tests.support.asking import (
    INFER,
    LENGTH,
    TINY,
    Ask,
    Callers,
    Told,
    binary,
    coded,
    infer,
    the_answer,
)  # fmt: skip
from tests.support.requests_v2 import FEATURES, features, outputs_of, request

PREDICT = "/predict/tiny"
GOOD = {
    "the server": Ask("GET", "/v2"),
    "liveness": Ask("GET", "/v2/health/live"),
    "readiness": Ask("GET", "/v2/health/ready"),
    "the models": Ask("GET", "/v2/models"),
    "the model": Ask("GET", TINY),
    "the model's version": Ask("GET", f"{TINY}/versions/1"),
    "the model's readiness": Ask("GET", f"{TINY}/versions/1/ready"),
    "the configuration": Ask("GET", f"{TINY}/config"),
    "HEAD": Ask("HEAD", "/v2/health/ready"),
    "a percent-encoded name": Ask("GET", "/v2/models/%74iny"),
    "a query": Ask("GET", f"{TINY}?a=1&a=2&b&c=%ff"),
    "JSON": infer(request(id="mine")),
    "JSON with nested data": infer(features(data=[[1, 2, 3, 4]])),
    "JSON of a kind": infer(request(), ("Content-Type", "image/png"), ("Accept", "text/html")),
    "JSON to a version": Ask("POST", f"{TINY}/versions/1/infer?x=y", request()),
    "JSON in gzip": coded(gzip.compress(request(), mtime=0), "gzip"),
    "JSON in deflate": coded(zlib.compress(request()), "deflate"),
    "JSON as identity": coded(request(), "identity"),
    "bytes": binary([1, 2, 3, 4], [5, 6, 7, 8]),
    "bytes in gzip": coded(b"", "gzip"),
    "raw bytes": infer(np.ones((1, 4), np.float32).tobytes(), (LENGTH, "0")),
    "a raw tensor of no rows": infer(b"", (LENGTH, "0")),
    "bytes wanted": infer(request(parameters={"binary_data_output": True})),
    "a long answer in gzip": infer(
        features(shape=[500, 4], data=[1] * 2000), ("Accept-Encoding", "gzip")
    ),
    "plain rows": Ask("POST", PREDICT, b'[{"f0": 1, "f1": 2, "f2": 3, "f3": 4}]'),
    "CSV": Ask("POST", PREDICT, b"f0,f1,f2,f3\n1,2,3,4\n", [("Content-Type", "text/csv")]),
    "the OpenAPI document": Ask("GET", "/openapi.json"),
    "the page for people": Ask("GET", "/docs"),
    "a style of that page": Ask("GET", "/docs/swagger-ui.css"),
    "a body that is announced": infer(request(), ("Expect", "100-continue")),
    "a long header": infer(request(), ("X-Long", "x" * 8000)),
    "many headers": infer(request(), *((f"X-{number}", "x") for number in range(60))),
}
_BYTES = binary([1, 2, 3, 4])
GOOD["bytes in gzip"] = infer(
    gzip.compress(_BYTES.body, mtime=0), *_BYTES.headers, ("Content-Encoding", "gzip")
)


@pytest.mark.parametrize("name", GOOD)
def test_the_good_is_answered_alike(callers: Callers, name: str) -> None:
    told = the_answer(callers, GOOD[name])

    assert told.status == 200, told.body


@pytest.mark.parametrize("ask", [GOOD["JSON"], GOOD["JSON in gzip"], GOOD["JSON in deflate"]])
def test_the_answer_is_the_right_one(callers: Callers, ask: Ask) -> None:
    assert outputs_of(the_answer(callers, ask).body)["prediction"] == [[20.0]]


def test_a_body_in_chunks_of_no_told_length_is_read_whole(callers: Callers) -> None:
    body = request()

    answers = [
        client.post(INFER, content=iter([body[:9], body[9:], b""])) for client in callers.values()
    ]

    assert [outputs_of(answer.content)["prediction"] for answer in answers] == [[[20.0]]] * len(
        callers
    )


def test_a_raw_tensor_is_its_models_only_input_and_is_answered_in_bytes(callers: Callers) -> None:
    told = the_answer(callers, GOOD["raw bytes"])

    values = np.frombuffer(told.body[int(told.headers[LENGTH.lower()]) :], np.float32)
    assert values.tolist() == [8.0, 2.0, 2.0, 2.0, 2.0]


def test_values_are_the_same_in_every_form(callers: Callers) -> None:
    """JSON and bytes, plain and compressed, in and out."""
    row = [0.1, -2.5, 1e-30, 1.5e38]
    wants = {"parameters": {"binary_data_output": True}}
    forms = [
        infer(features(data=row)),
        binary(row),
        infer(request({**FEATURES, "data": row}, **wants)),
        infer(gzip.compress(features(data=row)), ("Content-Encoding", "gzip")),
    ]

    found = [_doubled(the_answer(callers, ask)) for ask in forms]

    assert all(value == found[0] for value in found)


def _doubled(told: Told) -> bytes:
    """The second output, as bytes."""
    length = int(told.headers.get(LENGTH.lower(), len(told.body)))
    output = orjson.loads(told.body[:length])["outputs"][1]
    assert output["name"] == "doubled"
    return told.body[-16:] if "data" not in output else np.float32(output["data"]).tobytes()
