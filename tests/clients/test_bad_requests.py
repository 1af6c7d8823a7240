"""Whatever is sent, by whatever front: no 5xx, no process that ends, one refusal in one shape."""

import gzip
import zlib

import orjson
import pytest

from tests.support.asking import (
    INFER,
    LENGTH,
    TINY,
    Ask,
    Callers,
    answers,
    binary,
    coded,
    infer,
    the_answer,
)  # fmt: skip
from tests.support.requests_v2 import request

MEGABYTE = 1_000_000

BAD = {
    # how much of the body is JSON
    "a length beyond the body": (binary(length="100000"), 400),
    "a length of less than the JSON": (binary(length="10"), 400),
    "a negative length": (binary(length="-1"), 400),
    "a length with a sign": (binary(length="+100"), 400),
    "a length that is no number": (binary(length="many"), 400),
    "a fraction as length": (binary(length="1e2"), 400),
    "an endless length": (binary(length="9" * 500), 400),
    "an empty length": (binary(length=""), 400),
    "a raw tensor of half a number": (infer(b"\0" * 15, (LENGTH, "0")), 400),
    # tensors
    "a size beyond the body": (binary(parameters={"binary_data_size": 10**12}), 400),
    "a size of less than the shape": (binary(parameters={"binary_data_size": 4}), 400),
    "a negative size": (binary(parameters={"binary_data_size": -16}), 400),
    "a size that is no number": (binary(parameters={"binary_data_size": "16"}), 400),
    "a negative dimension": (binary(shape=[-1, 4]), 400),
    "a huge dimension": (binary(shape=[2**62, 4]), 413),
    "data and bytes": (binary(data=[1, 2, 3, 4]), 400),
    "bytes after plain JSON": (infer(request() + b"\0" * 16), 400),
    "another datatype": (binary(datatype="FP64"), 400),
    "no datatype at all": (binary(datatype="FP31"), 400),
    # bodies
    "no body": (infer(), 400),
    "no JSON": (infer(b"{"), 400),
    "no UTF-8": (infer(b"\xff\xfe\x00"), 400),
    "a number": (infer(b"1"), 400),
    "deep JSON": (infer(b"[" * 100_000), 400),
    # codings
    "an unknown coding": (coded(request(), "br"), 400),
    "two codings": (coded(request(), "gzip, gzip"), 400),
    "plain JSON that is called gzip": (coded(request(), "gzip"), 400),
    "gzip without its end": (coded(gzip.compress(request())[:-4], "gzip"), 400),
    "gzip with something behind": (coded(gzip.compress(request()) + b"x", "gzip"), 400),
    "no gzip at all": (coded(b"", "gzip"), 400),
    "gzip within gzip": (coded(gzip.compress(gzip.compress(request())), "gzip"), 400),
    "a bomb": (coded(gzip.compress(bytes(200 * MEGABYTE), 9), "gzip"), 413),
    "a deflated bomb": (coded(zlib.compress(bytes(200 * MEGABYTE), 9), "deflate"), 413),
    # paths
    "a trailing slash": (Ask("GET", f"{TINY}/"), 404),
    "a trailing slash to infer": (Ask("POST", f"{INFER}/", request()), 404),
    "two slashes": (Ask("GET", "//v2"), 404),
    "the root": (Ask("GET", "/"), 404),
    "a path out of the path": (Ask("GET", "/v2/models/%2e%2e%2f%2e%2e%2fetc%2fpasswd"), 404),
    "a NUL": (Ask("GET", "/v2/models/%00"), 404),
    "no UTF-8 in the path": (Ask("GET", "/v2/models/%ff%fe"), 404),
    "a line's end": (Ask("GET", "/v2/models/a%0d%0aX-Ours:%20no"), 404),
    "a long path": (Ask("GET", f"/v2/models/{'x' * 8000}"), 404),
    "another model": (Ask("POST", "/v2/models/other/infer", request()), 404),
    "another version": (Ask("GET", f"{TINY}/versions/2"), 404),
    "a version that is no number": (Ask("GET", f"{TINY}/versions/one"), 404),
    "no version": (Ask("POST", f"{TINY}/versions//infer", request()), 404),
    "another model's plain rows": (Ask("POST", "/predict/other", b"{}"), 404),
    "no page": (Ask("GET", "/docs/nothing"), 404),
    "a page out of the pages": (Ask("GET", "/docs/%2e%2e/%2e%2e/etc/passwd"), 404),
    # plain rows
    "half a row": (Ask("POST", "/predict/tiny", b'[{"f0": 1'), 400),
    "no rows": (Ask("POST", "/predict/tiny"), 400),
    "a row that is no UTF-8": (Ask("POST", "/predict/tiny", b'{"\xff": 1}'), 400),
    # methods
    "POST of a page": (Ask("POST", "/docs"), 405),
    "GET of infer": (Ask("GET", INFER), 405),
    "HEAD of infer": (Ask("HEAD", INFER), 405),
    "PUT": (Ask("PUT", INFER, request()), 405),
    "DELETE": (Ask("DELETE", TINY), 405),
    "PATCH": (Ask("PATCH", "/v2", b"{}"), 405),
    "OPTIONS": (Ask("OPTIONS", INFER), 405),
    "POST of the metadata": (Ask("POST", TINY, b"{}"), 405),
    "a method of another protocol": (Ask("PROPFIND", "/v2"), 405),
}


@pytest.mark.parametrize("name", BAD)
def test_the_bad_is_refused_alike_in_the_protocols_shape(callers: Callers, name: str) -> None:
    ask, status = BAD[name]

    told = the_answer(callers, ask)

    assert told.status == status, told.body
    assert told.headers["content-type"] == "application/json"
    if ask.method != "HEAD":
        error = orjson.loads(told.body)
        assert list(error) == ["error"]
        assert 0 < len(error["error"]) < 1000
        assert not any(word in error["error"] for word in ("Traceback", ".py", "/layers/"))


@pytest.mark.parametrize("header", [(LENGTH, "4"), ("Content-Encoding", "identity")])
def test_a_header_that_comes_twice_is_no_good(callers: Callers, header: tuple[str, str]) -> None:
    """Fronts join its values, each in its way; a load balancer may tell the last one alone."""
    found = answers(callers, infer(request(), header, header))

    del found["load balancer"]
    assert {told.status for told in found.values()} == {400}


def test_after_all_that_they_still_predict(callers: Callers) -> None:
    """Each in the very process that has had all of the bad."""
    found = answers(callers, infer(request()))

    assert {told.status for told in found.values()} == {200}


def test_each_prediction_has_an_id_of_its_own_whatever_became_of_it(callers: Callers) -> None:
    asked = [infer(request()), binary(), BAD["no JSON"][0], BAD["a bomb"][0]]

    ids = [
        client.post(ask.path, content=ask.body, headers=ask.headers).headers[
            "x-wherry-prediction-id"
        ]
        for client in callers.values()
        for ask in asked
    ]

    assert len(set(ids)) == len(callers) * len(asked)
