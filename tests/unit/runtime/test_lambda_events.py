"""What each front does to a request and to its reply."""

import gzip
import json
from base64 import b64decode
from typing import Any

import pytest

from tests.support.events import FRONTS, Call, alb, http_api_v2, rest_api_v1
from tests.support.requests_v2 import features, outputs_of
from tests.support.services import service_of
from wherry.http import App
from wherry.http.lambda_events import handler_for
from wherry.limits import Limits

INFER = "/v2/models/tiny/infer"
fronts = pytest.mark.parametrize("front", FRONTS.values(), ids=FRONTS)


def answer(event: dict[str, Any], **options: Any) -> dict[str, Any]:
    return handler_for(App(service_of(**options)))(event, None)


def body_of(reply: dict[str, Any]) -> bytes:
    body: str = reply["body"]
    return b64decode(body) if reply["isBase64Encoded"] else body.encode()


@fronts
def test_a_compressed_reply_travels_as_base64(front: Any) -> None:
    data = features(shape=[500, 4], data=[1] * 2000)

    reply = answer(front(Call("POST", INFER, data, {"Accept-Encoding": "gzip"})))

    assert (reply["isBase64Encoded"], reply["headers"]["content-encoding"]) == (True, "gzip")
    assert len(outputs_of(gzip.decompress(body_of(reply)))["prediction"]) == 500


@fronts
@pytest.mark.parametrize("body", ["a!b", "e!30=", "e30=\n", "é"])
def test_a_body_that_is_no_base64_is_refused(front: Any, body: str) -> None:
    event = front(Call("POST", INFER, b"{}"))

    reply = answer(event | {"body": body})

    assert reply["statusCode"] == 400
    assert "no base64" in json.loads(reply["body"])["error"]


@fronts
def test_head_has_no_body(front: Any) -> None:
    assert answer(front(Call("HEAD", "/v2")))["body"] == ""


def test_a_base_path_of_a_custom_domain_is_no_part_of_the_path() -> None:
    event = rest_api_v1(Call("GET", "/v2/health/live"))
    event |= {"path": "/models-of-ours/v2/health/live", "resource": "/{proxy+}"}

    assert answer(event)["statusCode"] == 200


@pytest.mark.parametrize(
    ("stage", "path"), [("prod", "/prod/v2/health/live"), ("v", "/v2/health/live")]
)
def test_the_named_stage_of_an_http_api_is_no_part_of_the_path(stage: str, path: str) -> None:
    event = http_api_v2(Call("GET", "/v2/health/live"))
    event["requestContext"]["stage"] = stage
    event["rawPath"] = path

    assert answer(event)["statusCode"] == 200


@pytest.mark.parametrize("proxy", ["v2/models/a%2520b", "v2/models/a%20b"])
def test_a_path_is_percent_decoded_once(proxy: str) -> None:
    event = rest_api_v1(Call("GET", "/v2/models/a%2520b"))

    told = json.loads(answer(event | {"pathParameters": {"proxy": proxy}})["body"])

    assert told["error"].startswith('model "a%20b"')


def test_a_header_that_comes_twice_is_one_with_a_comma() -> None:
    event = rest_api_v1(Call("POST", INFER, features()))
    event["multiValueHeaders"]["Content-Encoding"] = ["gzip", "br"]

    assert "'gzip, br' came" in answer(event)["body"]


def test_without_lists_of_headers_the_plain_ones_count_whatever_their_case() -> None:
    event = rest_api_v1(Call("POST", INFER, features(), {"Content-Encoding": "br"}))

    assert "'br' came" in answer(event | {"multiValueHeaders": None})["body"]
    assert answer(event | {"multiValueHeaders": None, "headers": None})["statusCode"] == 200


def test_an_answer_that_a_load_balancer_cannot_carry_is_a_413_by_the_same_release() -> None:
    rows = 60_000
    body = features(shape=[rows, 4], data=[1] * 4 * rows)

    refusal = answer(alb(Call("POST", INFER, body)))
    compressed = answer(alb(Call("POST", INFER, body, {"accept-encoding": "gzip"})))

    assert (refusal["statusCode"], compressed["statusCode"]) == (413, 200)
    assert "that a load balancer carries" in refusal["body"]
    assert refusal["headers"]["x-wherry-release"] == "7"


def test_a_load_balancer_that_sends_lists_of_headers_gets_lists() -> None:
    event = alb(Call("POST", INFER, features()))
    headers = event.pop("headers")
    event["multiValueHeaders"] = {name: [value] for name, value in headers.items()}

    reply = answer(event)

    assert reply["statusCode"] == 200
    assert reply["multiValueHeaders"]["content-type"] == ["application/json"]
    assert "headers" not in reply


def test_a_long_text_travels_as_base64_so_that_escapes_cannot_double_it() -> None:
    rows = 40_000
    limits = Limits(body_bytes=6_000_000)

    reply = answer(
        rest_api_v1(Call("POST", INFER, features(shape=[rows, 4], data=[1] * 4 * rows))),
        limits=limits,
    )

    assert reply["isBase64Encoded"]
    assert len(outputs_of(body_of(reply))["prediction"]) == rows


@pytest.mark.parametrize(
    "event",
    [
        {}, {"key1": "value1"}, {"path": 4}, {"rawPath": "/v2"}, None, [], "text", 5,
        {"path": "/v2", "httpMethod": None},
        {"path": ["/v2"], "httpMethod": "GET"},
        {"path": "/\ud800", "httpMethod": "GET"},
        {"path": "/v2", "httpMethod": "GET", "body": "\ud800"},
        {"path": 4, "requestContext": None},
    ],
)  # fmt: skip
def test_an_event_of_no_front_is_told_what_was_expected(event: Any) -> None:
    reply = answer(event)

    assert reply["statusCode"] == 400
    assert "API Gateway" in json.loads(reply["body"])["error"]
