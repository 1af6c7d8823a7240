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
def test_a_body_that_is_no_base64_is_refused(front: Any) -> None:
    event = front(Call("POST", INFER, b"{}"))

    reply = answer(event | {"body": "a!b"})

    assert reply["statusCode"] == 400
    assert "no base64" in json.loads(reply["body"])["error"]


@fronts
def test_head_has_no_body(front: Any) -> None:
    assert answer(front(Call("HEAD", "/v2")))["body"] == ""


def test_a_base_path_of_a_custom_domain_is_no_part_of_the_path() -> None:
    event = rest_api_v1(Call("GET", "/v2/health/live"))
    event |= {"path": "/models-of-ours/v2/health/live", "resource": "/{proxy+}"}

    assert answer(event)["statusCode"] == 200


def test_the_named_stage_of_an_http_api_is_no_part_of_the_path() -> None:
    event = http_api_v2(Call("GET", "/v2/health/live"))
    event["requestContext"]["stage"] = "prod"
    event["rawPath"] = "/prod/v2/health/live"

    assert answer(event)["statusCode"] == 200


@pytest.mark.parametrize("context", [{}, {"requestContext": None}, {"requestContext": {}}])
def test_a_page_that_mangum_cannot_answer_is_a_500_in_the_one_shape(
    context: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    reply = answer({"path": "/docs", "httpMethod": "GET", **context})

    assert (reply["statusCode"], list(json.loads(reply["body"]))) == (500, ["error"])
    assert [record.message for record in caplog.records] == ["a request failed"]


def test_a_path_is_percent_decoded_once() -> None:
    told = json.loads(answer(rest_api_v1(Call("GET", "/v2/models/a%2520b")))["body"])

    assert told["error"].startswith('model "a%20b"')


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
