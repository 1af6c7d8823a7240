"""The pages for people, by the events of a function: they go the way of any ASGI app, by Mangum."""

import asyncio
import base64
from collections.abc import Mapping
from typing import Any

import httpx
import orjson
import pytest

from tests.support.events import Call, http_api_v2, rest_api_v1
from tests.support.plain_models import classifier
from tests.support.services import service_of
from wherry.http import App
from wherry.http.lambda_events import handler_for

PAGES = (
    "/docs",
    "/openapi.json",
    "/docs/page.js",
    "/docs/swagger-ui-bundle.js",
    "/docs/swagger-ui.css",
)


@pytest.fixture
def event_loop() -> Any:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()


@pytest.mark.usefixtures("event_loop")
@pytest.mark.parametrize("path", PAGES)
def test_a_page_comes_through_the_event_of_a_rest_api(path: str) -> None:
    handler = handler_for(App(service_of(classifier())))

    reply = handler(rest_api_v1(Call("GET", path)), None)

    assert reply["statusCode"] == 200
    assert _body(reply) == _in_process(path)


@pytest.mark.usefixtures("event_loop")
@pytest.mark.parametrize(("method", "status", "allow"), [("GET", 404, None), ("POST", 405, "GET")])
def test_what_is_no_page_is_refused_whatever_the_host_is_called(
    method: str, status: int, allow: str | None
) -> None:
    handler = handler_for(App(service_of(classifier())))
    path = "/docs/none" if status == 404 else "/docs"

    reply = handler(rest_api_v1(Call(method, path, b"", {"Host": "["})), None)

    assert (reply["statusCode"], reply["headers"].get("allow")) == (status, allow)
    assert list(orjson.loads(reply["body"])) == ["error"]


@pytest.mark.usefixtures("event_loop")
@pytest.mark.parametrize("context", [{}, {"requestContext": None}, {"requestContext": {}}])
def test_a_page_that_mangum_cannot_answer_is_a_500_in_the_one_shape(
    context: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    handler = handler_for(App(service_of()))

    reply = handler({"path": "/docs", "httpMethod": "GET", **context}, None)

    assert (reply["statusCode"], list(orjson.loads(reply["body"]))) == (500, ["error"])
    assert [record.message for record in caplog.records] == ["a request failed"]


@pytest.mark.usefixtures("event_loop")
def test_a_page_is_found_below_the_base_path_of_a_custom_domain() -> None:
    handler = handler_for(App(service_of(classifier())))
    event = rest_api_v1(Call("GET", "/docs"))

    reply = handler(event | {"path": "/ours/docs", "resource": "/{proxy+}"}, None)

    assert (reply["statusCode"], reply["headers"]["content-type"][:9]) == (200, "text/html")


@pytest.mark.usefixtures("event_loop")
def test_a_page_is_found_below_the_stage_of_an_http_api() -> None:
    handler = handler_for(App(service_of(classifier())))
    event = http_api_v2(Call("GET", "/prod/docs"))
    event["requestContext"]["stage"] = "prod"

    assert handler(event, None)["statusCode"] == 200


def _in_process(path: str) -> bytes:
    async def once() -> bytes:
        transport = httpx.ASGITransport(App(service_of(classifier())))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return (await client.get(path)).content

    return asyncio.run(once())


def _body(reply: Mapping[str, Any]) -> bytes:
    body: str = reply["body"]
    return base64.b64decode(body) if reply["isBase64Encoded"] else body.encode()
