"""
Lambda events of the four HTTP fronts: one file each in tests/events, and what a test changes of it.

The files have the shape that AWS documents and sends, with made-up accounts, keys and addresses.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

EVENTS = Path(__file__).resolve().parent.parent / "events"

Event = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """What a client sends. As with `binaryMediaTypes: ["*/*"]`, a body arrives as base64."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    as_base64: bool = True
    query: str = ""

    def body_fields(self) -> Event:
        """As every front tells the body."""
        if not self.body:
            return {"body": None, "isBase64Encoded": False}
        if self.as_base64:
            return {"body": b64encode(self.body).decode(), "isBase64Encoded": True}
        return {"body": self.body.decode(errors="replace"), "isBase64Encoded": False}

    def queries(self) -> dict[str, list[str]]:
        """As a front that decodes it tells the query."""
        return parse_qs(self.query, keep_blank_values=True)


def rest_api_v1(call: Call, *, stage: str = "dev") -> Event:
    """API Gateway REST API; the stage is in the context's path and not in the event's."""
    event = _recorded("rest_api_v1")
    event["requestContext"] |= {"stage": stage, "path": f"/{stage}{call.path}"}
    event["requestContext"]["httpMethod"] = call.method
    event["headers"] |= call.headers
    event["multiValueHeaders"] |= {name: [value] for name, value in call.headers.items()}
    event["pathParameters"] = {"proxy": call.path.removeprefix("/")}
    if call.query:
        event["queryStringParameters"] = {name: told[-1] for name, told in call.queries().items()}
        event["multiValueQueryStringParameters"] = call.queries()
    return event | {"httpMethod": call.method, "path": call.path} | call.body_fields()


def http_api_v2(call: Call) -> Event:
    """API Gateway HTTP API, payload 2.0."""
    return _payload_v2("http_api_v2", call)


def function_url(call: Call) -> Event:
    """Lambda function URL."""
    return _payload_v2("function_url", call)


def alb(call: Call) -> Event:
    """
    Application Load Balancer, one value a header; no body is an empty string. It decodes no query.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
    """
    event = _recorded("alb")
    event["headers"] |= {name.lower(): value for name, value in call.headers.items()}
    pairs = (pair.partition("=") for pair in call.query.split("&") if pair)
    event["queryStringParameters"] = {name: value for name, _, value in pairs}
    body = call.body_fields() if call.body else {}
    return event | {"httpMethod": call.method, "path": call.path} | body


FRONTS: Mapping[str, Callable[[Call], Event]] = {
    "REST API": rest_api_v1,
    "HTTP API": http_api_v2,
    "function URL": function_url,
    "load balancer": alb,
}


def _payload_v2(name: str, call: Call) -> Event:
    event = _recorded(name)
    event["requestContext"]["http"] |= {"method": call.method, "path": call.path}
    event["headers"] |= {name.lower(): value for name, value in call.headers.items()}
    if call.query:
        told = {key: ",".join(values) for key, values in call.queries().items()}
        event |= {"rawQueryString": call.query, "queryStringParameters": told}
    body = call.body_fields() if call.body else {}
    return event | {"rawPath": call.path} | body


def _recorded(name: str) -> Event:
    event: Event = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return event
