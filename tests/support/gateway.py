"""
What stands before a Lambda function, on loopback: a real request becomes the event of a front, the
function answers it, and its reply becomes the answer, as AWS documents both ways.

It is an ASGI app, so real clients reach it through uvicorn. It models documentation: that AWS does
so, no test here can prove. It keeps no state, checks no key and retries nothing.
"""

import asyncio
import json
from base64 import b64decode
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from tests.support import events
from tests.support.events import Call, Event

Handler = Callable[[Event, Any], Any]
Pairs = list[tuple[str, str]]
Told = dict[str, list[str]]
Asgi = Callable[[Any, Any, Any], Awaitable[None]]

LAMBDA_LIMIT = 6 * 1024 * 1024  # of the event, and of the reply, each as JSON
LOAD_BALANCER_LIMIT = 1024 * 1024
STAGE = "dev"

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
_TEXT = ("text/", "application/json", "application/javascript", "application/xml")
_BETWEEN_TWO = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "expect", "host"}


@dataclass(frozen=True)
class Front:
    """How one front tells a request, and which headers of a reply it reads."""

    event: Callable[[Call, Told], Event]
    headers: Callable[[Event], Pairs]
    limit: int = LAMBDA_LIMIT
    stage: str = ""
    all_binary: bool = False  # `binaryMediaTypes: ["*/*"]`
    untyped_is_text: bool = False

    def as_base64(self, headers: Told) -> bool:
        """Whether a body with these headers reaches the function unharmed."""
        if self.all_binary or "content-encoding" in headers:
            return True
        kind = headers.get("content-type", ["text/" if self.untyped_is_text else ""])[-1]
        return not kind.lower().startswith(_TEXT)


@dataclass(frozen=True)
class Gateway:
    """One front before one function, which takes one event at a time, as Lambda's does."""

    front: Front
    handler: Handler
    environment: Executor

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        loop = asyncio.get_running_loop()
        status, headers, content = await loop.run_in_executor(
            self.environment, self._answer, scope, body
        )
        told = [(name.encode(), value.encode()) for name, value in headers]
        told.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": told})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, scope: Any, body: bytes) -> tuple[int, Pairs, bytes]:
        path, prefix = scope["raw_path"].decode(), f"/{self.front.stage}" * bool(self.front.stage)
        if not path.startswith(prefix):
            return _own_answer(403, "Forbidden")
        headers = _grouped(scope["headers"])
        call = Call(
            scope["method"], path.removeprefix(prefix) or "/", body,
            {name: values[-1] for name, values in headers.items()},
            as_base64=self.front.as_base64(headers), query=scope["query_string"].decode(),
        )  # fmt: skip
        event = json.dumps(self.front.event(call, headers))
        if len(event) > self.front.limit:
            return _own_answer(413, "Request Too Long")
        return self._told(json.dumps(self.handler(json.loads(event), None)))

    def _told(self, reply: str) -> tuple[int, Pairs, bytes]:
        """A reply that is none, or too long, is the caller's 502."""
        if len(reply) > self.front.limit:
            return _own_answer(502, "Internal server error")
        told = json.loads(reply)
        headers = self.front.headers(told)
        if type(told.get("statusCode")) is not int or not _are_text(headers):
            return _own_answer(502, "Internal server error")
        body = told.get("body") or ""
        content = b64decode(body) if told.get("isBase64Encoded") else body.encode()
        return told["statusCode"], _without_length(headers), content


@contextmanager
def gateway(front: Front, handler: Handler) -> Iterator[Asgi]:
    """`handler` behind `front`; it runs in a thread with an event loop, like Lambda's main one."""
    loop = asyncio.new_event_loop()
    with ThreadPoolExecutor(1, initializer=asyncio.set_event_loop, initargs=(loop,)) as thread:
        yield Gateway(front, handler, thread)
    loop.close()


def _rest_api(call: Call, headers: Told) -> Event:
    """Over HTTP/1.1 header names keep the client's case, mostly this one; each value is told."""
    event = events.rest_api_v1(_titled(call), stage=STAGE)
    event["multiValueHeaders"] |= {name.title(): told for name, told in headers.items()}
    return event


def _payload_v2(build: Callable[[Call], Event]) -> Callable[[Call, Told], Event]:
    """Repeated headers are joined by commas, and cookies are a list of their own."""

    def event(call: Call, headers: Told) -> Event:
        told = build(call)
        told["headers"] |= {name: ",".join(values) for name, values in headers.items()}
        if cookies := told["headers"].pop("cookie", ""):
            told["cookies"] = cookies.split("; ")
        return told

    return event


def _http_api_with_a_stage(call: Call, headers: Told) -> Event:
    """A stage that is named is in the path, and in the context."""
    event = _payload_v2(events.http_api_v2)(call, headers)
    event["rawPath"] = event["requestContext"]["http"]["path"] = f"/{STAGE}{call.path}"
    event["requestContext"]["stage"] = STAGE
    return event


def _load_balancer(call: Call, _: Told) -> Event:
    return events.alb(call)


def _load_balancer_of_many_values(call: Call, headers: Told) -> Event:
    """Where the target group says so: the lists instead of the single values, both ways."""
    event = events.alb(call)
    single = event.pop("headers")
    query = event.pop("queryStringParameters")
    event["multiValueHeaders"] = {name: [value] for name, value in single.items()} | headers
    event["multiValueQueryStringParameters"] = {name: [value] for name, value in query.items()}
    return event


def _single(reply: Event) -> Pairs:
    return list((reply.get("headers") or {}).items())


def _many(reply: Event) -> Pairs:
    told = reply.get("multiValueHeaders") or {}
    return [(name, value) for name, values in told.items() for value in values]


def _single_and_many(reply: Event) -> Pairs:
    """A name that is in both is told by its list."""
    many = _many(reply)
    listed = {name.lower() for name, _ in many}
    return [pair for pair in _single(reply) if pair[0].lower() not in listed] + many


def _single_and_cookies(reply: Event) -> Pairs:
    return _single(reply) + [("set-cookie", cookie) for cookie in reply.get("cookies") or []]


FRONTS: Mapping[str, Front] = {
    "REST API": Front(_rest_api, _single_and_many, stage=STAGE, all_binary=True),
    "HTTP API": Front(_payload_v2(events.http_api_v2), _single_and_cookies),
    "HTTP API with a stage": Front(_http_api_with_a_stage, _single_and_cookies, stage=STAGE),
    "function URL": Front(_payload_v2(events.function_url), _single_and_cookies),
    "load balancer": Front(_load_balancer, _single, limit=LOAD_BALANCER_LIMIT),
    "load balancer, many values": Front(
        _load_balancer_of_many_values, _many, limit=LOAD_BALANCER_LIMIT
    ),
}


def _grouped(headers: list[tuple[bytes, bytes]]) -> Told:
    """What is between client and front only is not told to the function."""
    pairs = sorted(((n.decode(), v.decode("latin-1")) for n, v in headers), key=itemgetter(0))
    found = {n: [v for _, v in told] for n, told in groupby(pairs, itemgetter(0))}
    return {name: values for name, values in found.items() if name not in _BETWEEN_TWO}


def _titled(call: Call) -> Call:
    headers = {name.title(): value for name, value in call.headers.items()}
    return Call(call.method, call.path, call.body, headers, call.as_base64, call.query)


def _are_text(headers: Pairs) -> bool:
    return all(type(part) is str for pair in headers for part in pair)


def _without_length(headers: Pairs) -> Pairs:
    """The front tells the length of what it sends."""
    return [(name, value) for name, value in headers if name.lower() != "content-length"]


def _own_answer(status: int, message: str) -> tuple[int, Pairs, bytes]:
    """The front's own words, in its own shape."""
    return (
        status,
        [("content-type", "application/json")],
        json.dumps({"message": message}).encode(),
    )
