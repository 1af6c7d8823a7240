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

    def body_fields(self) -> Event:
        """As every front tells the body."""
        if not self.body:
            return {"body": None, "isBase64Encoded": False}
        text = b64encode(self.body) if self.as_base64 else self.body
        return {"body": text.decode(), "isBase64Encoded": self.as_base64}


def rest_api_v1(call: Call, *, stage: str = "dev") -> Event:
    """API Gateway REST API; the stage is in the context's path and not in the event's."""
    event = _recorded("rest_api_v1")
    event["requestContext"] |= {"stage": stage, "path": f"/{stage}{call.path}"}
    event["requestContext"]["httpMethod"] = call.method
    event["headers"] |= call.headers
    event["multiValueHeaders"] |= {name: [value] for name, value in call.headers.items()}
    event["pathParameters"] = {"proxy": call.path.removeprefix("/")}
    return event | {"httpMethod": call.method, "path": call.path} | call.body_fields()


def http_api_v2(call: Call) -> Event:
    """API Gateway HTTP API, payload 2.0."""
    return _payload_v2("http_api_v2", call)


def function_url(call: Call) -> Event:
    """Lambda function URL."""
    return _payload_v2("function_url", call)


def alb(call: Call) -> Event:
    """Application Load Balancer, one value a header; no body is an empty string."""
    event = _recorded("alb")
    event["headers"] |= {name.lower(): value for name, value in call.headers.items()}
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
    body = call.body_fields() if call.body else {}
    return event | {"rawPath": call.path} | body


def _recorded(name: str) -> Event:
    event: Event = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return event
