"""The app behind each front of Lambda, with the events that the front sends."""

import asyncio
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.events import FRONTS, Call, Event, rest_api_v1
from tests.support.requests_v2 import outputs_of, request
from wherry.http import App
from wherry.http.lambda_events import handler_for
from wherry.service import load_service
from wherry.settings import Settings

INFER = "/v2/models/tiny/infer"

Handler = Callable[[Event], dict[str, Any]]


@pytest.fixture
def handler(
    release_environment: Mapping[str, str], event_loop: asyncio.AbstractEventLoop
) -> Handler:
    service = load_service(Settings.from_environment(release_environment))
    assert event_loop is asyncio.get_event_loop()
    adapter = handler_for(App(service))
    return lambda event: adapter(event, None)


front = pytest.mark.parametrize("front", FRONTS.values(), ids=FRONTS)


@front
@pytest.mark.parametrize("as_base64", [True, False], ids=["base64", "text"])
def test_a_prediction(front: Callable[[Call], Event], handler: Handler, as_base64: bool) -> None:  # noqa: FBT001 - a parametrized fact
    reply = handler(front(Call("POST", INFER, request(), as_base64=as_base64)))

    assert reply["statusCode"] == 200
    assert reply["isBase64Encoded"] is False
    assert outputs_of(reply["body"])["prediction"] == [[20.0]]


@front
@pytest.mark.parametrize(
    ("call", "status"),
    [
        (Call("GET", "/v2"), 200),
        (Call("GET", "/v2/health/ready"), 200),
        (Call("GET", "/v2/models/tiny/versions/1/ready"), 200),
        (Call("POST", INFER), 400),
        (Call("POST", INFER, b"\x00\xff"), 400),
        (Call("POST", INFER, request(), {"Inference-Header-Content-Length": "9"}), 400),
        (Call("POST", INFER, request(), {"Content-Encoding": "gzip"}), 400),
        (Call("POST", INFER, b" " * (6 * 1024 * 1024 + 1)), 413),
        (Call("GET", "/v2/models/tiny/versions/2"), 404),
        (Call("POST", "/v2/models/tiny/versions/2/infer", request()), 404),
        (Call("GET", "/v2/models/%2e%2e%2fetc"), 404),
        (Call("GET", "/nothing"), 404),
        (Call("PATCH", "/v2"), 405),
    ],
    ids=lambda told: f"{told.method} {told.path}" if isinstance(told, Call) else str(told),
)
def test_status_and_shape(
    front: Callable[[Call], Event], handler: Handler, call: Call, status: int
) -> None:
    reply = handler(front(call))

    assert reply["statusCode"] == status
    assert status == 200 or list(json.loads(reply["body"])) == ["error"]


def test_the_stage_of_a_rest_api_is_no_part_of_the_path(handler: Handler) -> None:
    """`requestContext.path` has it; the event's `path`, which the adapter reads, has not."""
    event = rest_api_v1(Call("GET", "/v2/models/tiny"), stage="prod")

    assert event["requestContext"]["path"] == "/prod/v2/models/tiny"
    assert handler(event)["statusCode"] == 200


def test_the_model_is_loaded_once(handler: Handler, release_environment: Mapping[str, str]) -> None:
    """With the store gone, a second load could not succeed."""
    shutil.rmtree(Path(release_environment["WHERRY_STORE"]))

    replies = [handler(rest_api_v1(Call("POST", INFER, request()))) for _ in range(50)]

    assert {reply["statusCode"] for reply in replies} == {200}
