"""The ASGI door, by hand: what servers do that no test client does."""

import asyncio
from collections.abc import Iterable
from time import perf_counter
from typing import Any

from tests.support.requests_v2 import request
from tests.support.services import service_of
from tests.support.timing import best_ratio, lowest
from wherry.http import App

Messages = list[dict[str, Any]]


def talk(scope: dict[str, Any], told: Iterable[dict[str, Any]], app: App | None = None) -> Messages:
    """Say `told` to the app, and return what it sends."""
    sent: Messages = []
    messages = iter(told)

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run((app or App(service_of()))(scope, receive, send))
    return sent


def http(method: str, path: str) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "headers": [(b"host", b"test")]}


def test_a_caller_who_goes_before_the_body_is_whole_is_left_without_a_reply() -> None:
    started = {"type": "http.request", "body": b"{", "more_body": True}

    sent = talk(http("POST", "/v2/models/tiny/infer"), [started, {"type": "http.disconnect"}])

    assert sent == []


def test_head_has_the_headers_of_get_and_no_body() -> None:
    asked = {"type": "http.request", "body": b""}

    [start, body] = talk(http("HEAD", "/v2"), [asked])
    [like, whole] = talk(http("GET", "/v2"), [asked])

    assert start == like
    assert (body["body"], dict(start["headers"])[b"content-length"]) == (
        b"",
        str(len(whole["body"])).encode(),
    )


def test_a_header_that_comes_twice_is_one_with_a_comma() -> None:
    asked = http("POST", "/v2/models/tiny/infer")
    asked["headers"] += [(b"content-encoding", b"gzip"), (b"content-encoding", b"br")]

    [_, body] = talk(asked, [{"type": "http.request", "body": request()}])

    assert b"'gzip, br' came" in body["body"]


def test_many_headers_cost_as_many_times_as_much_and_no_more() -> None:
    def cost(count: int) -> float:
        asked = http("GET", "/v2")
        asked["headers"] += [(b"x%d" % number, b"1") for number in range(count)] * 2
        began = perf_counter()
        talk(asked, [{"type": "http.request"}], app)
        return perf_counter() - began

    app = App(service_of())
    assert lowest(40, lambda: best_ratio(lambda: cost(5000), lambda: cost(500))) < 40


def test_a_server_that_asks_for_a_lifespan_gets_one() -> None:
    sent = talk({"type": "lifespan"}, [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    assert [message["type"] for message in sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


def test_a_web_socket_is_closed_in_order() -> None:
    sent = talk({"type": "websocket", "path": "/v2"}, [{"type": "websocket.connect"}])

    assert [message["type"] for message in sent] == ["websocket.close"]
