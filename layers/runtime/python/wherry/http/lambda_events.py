"""
The Lambda door: events of API Gateway (REST and HTTP), function URLs and load balancers.

Predictions are answered straight from the event: an ASGI round trip costs several times what they
do. Pages go the way of any ASGI app, by Mangum, which is imported for the first of them.

Payloads: API Gateway's 1.0 (REST API) and 2.0 (HTTP API, function URL), and the load balancer's, as
AWS's developer guides give them.
"""

import binascii
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from wherry.errors import RequestError, TooLargeError
from wherry.http.app import App
from wherry.http.errors import error_reply
from wherry.http.wire import Reply, Request

Event = Mapping[str, Any]
Handler = Callable[[Event, Any], dict[str, Any]]

GOLDEN = "golden"  # the stage that a rollout's own events name
_PROXY = "{proxy+}"
# Text travels escaped inside JSON, which may double it; base64 costs a third, whatever it holds.
_LONGEST_TEXT = 512 * 1024
_LOAD_BALANCER = 1024 * 1024 - 16 * 1024  # what it takes of a reply, less what headers may need


def handler_for(app: App) -> Handler:
    """A function that Lambda may call."""

    @cache
    def mangum() -> Handler:
        from mangum import Mangum

        return Mangum(app.pages, lifespan="off")  # type: ignore[return-value] # its own types are narrower

    def handler(event: Event, context: Any) -> dict[str, Any]:
        try:
            request = _request(event)
            if app.is_page(request.path):
                return mangum()(_at(request.path, event), context)
        except Exception as error:  # noqa: BLE001 - Mangum's own included: no traceback leaves
            return _told(error_reply(error), event)
        reply = app.answer(request)
        return _told(reply._replace(body=b"") if request.method == "HEAD" else reply, event)

    return handler


def _at(path: str, event: Event) -> Event:
    """The event with the path where Mangum looks for it, without a stage or a base path."""
    context = event["requestContext"]
    if "http" in context:
        return {**event, "requestContext": {**context, "http": {**context["http"], "path": path}}}
    return {**event, "path": path}


def _request(event: Event) -> Request:
    try:
        return _read(event)
    except (KeyError, TypeError, AttributeError, UnicodeEncodeError):
        raise RequestError(
            "the event",
            "it is of no front",
            "Send one as API Gateway, a function URL or a load balancer does.",
        ) from None


def _read(event: Event) -> Request:
    headers = _headers(event)
    if "rawPath" in event:
        method = event["requestContext"]["http"]["method"]
    else:
        method = event["httpMethod"]
    path = _path(event)
    for told in (method, path):
        told.encode()  # fails where it is no text, or one with half a character
    context = event.get("requestContext") or {}
    authorizer = context.get("authorizer")
    claims = _claims(authorizer) if authorizer else {}
    caller = _caller(context.get("identity") or {}, authorizer, claims)
    return Request(method, path, headers, _body(event), _is_probe(context), claims, caller)


def _is_probe(context: Mapping[str, Any]) -> bool:
    """Asked by a direct invoke: no front lets a caller tell its context, nor leaves out its API."""
    return context.get("stage") == GOLDEN and "apiId" not in context


def _claims(authorizer: Mapping[str, Any]) -> Mapping[str, str]:
    """Of a token that a REST API (a Cognito authorizer) or an HTTP API (`jwt`) has verified."""
    claims = authorizer.get("claims") or (authorizer.get("jwt") or {}).get("claims")
    if not isinstance(claims, dict):  # a Lambda authorizer's own context, which holds texts alone
        return {}
    return {name: str(value) for name, value in claims.items()}


def _caller(identity: Mapping[str, Any], authorizer: Any, claims: Mapping[str, str]) -> str:
    """
    An IAM principal, a token's subject or an API key's id, as the gateway has verified it.

    Who assumes a role is the role: its sessions have names of their own choosing.
    """
    iam = authorizer.get("iam") if authorizer else None
    arn = identity.get("userArn") or (iam or {}).get("userArn")
    if arn:
        told: str = arn
        return told.rpartition("/")[0] if ":assumed-role/" in told else told
    if claims.get("sub"):
        return f"{claims.get('iss', '')} {claims['sub']}"
    key = identity.get("apiKeyId")
    return f"key {key}" if key else ""


def _path(event: Event) -> str:
    if "rawPath" in event:
        path: str = event["rawPath"]
        stage = event["requestContext"].get("stage", "$default")
        if path.startswith(f"/{stage}/"):  # an HTTP API with a named stage tells it in the path
            path = path[len(stage) + 1 :]
    else:
        path = _without_base_path(event)
    if "%" not in path:
        return path
    from urllib.parse import unquote

    return unquote(path)


def _without_base_path(event: Event) -> str:
    """A custom domain's base path is in the event's path, and not in what its resource matched."""
    path: str = event["path"]
    proxy = (event.get("pathParameters") or {}).get("proxy")
    resource = event.get("resource") or ""
    if proxy is None or not resource.endswith(_PROXY):
        return path
    matched = resource.removesuffix(_PROXY) + proxy
    return matched if path.endswith(matched) else path


def _headers(event: Event) -> Mapping[str, str]:
    many = event.get("multiValueHeaders")
    if many:
        return {name.lower(): ", ".join(values) for name, values in many.items()}
    return {name.lower(): value for name, value in (event.get("headers") or {}).items()}


def _body(event: Event) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        text: str = body
        return text.encode()
    try:
        return binascii.a2b_base64(body, strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise RequestError("the request", f"its body is no base64 ({error})") from None


def _told(reply: Reply, event: Event) -> dict[str, Any]:
    as_text = reply.is_text and len(reply.body) <= _LONGEST_TEXT
    told: dict[str, Any] = {
        "statusCode": reply.status,
        "headers": reply.headers,
        "body": reply.body.decode() if as_text else _base64(reply.body),
        "isBase64Encoded": not as_text,
    }
    if not _is_of_load_balancer(event):
        return told
    if len(told["body"]) > _LOAD_BALANCER:
        error = TooLargeError(
            "the answer",
            "it is over the 1 MB that a load balancer carries",
            "Send fewer rows, or take gzip.",
        )
        refusal = error_reply(error)
        refusal.headers.update({k: v for k, v in reply.headers.items() if k.startswith("x-")})
        return _told(refusal, event)
    if "multiValueHeaders" in event:
        told["multiValueHeaders"] = {name: [value] for name, value in reply.headers.items()}
        del told["headers"]  # a load balancer that sends lists reads nothing else
    return told


def _is_of_load_balancer(event: Any) -> bool:
    """Of anything that somebody may invoke the function with."""
    context = event.get("requestContext") if isinstance(event, dict) else None
    return isinstance(context, dict) and "elb" in context


def _base64(body: bytes) -> str:
    return binascii.b2a_base64(body, newline=False).decode("ascii")
