"""
What people look at: `/openapi.json`, and `/docs`, a page that shows it and tries it out.

FastAPI writes the document from the table of routes, and serves the page; predictions pass it by.
The page is Swagger UI, whose files travel in a package: it works offline, and its content security
policy lets it ask this server and no other. Its links are relative, so that it works below the
stage of an API too.
"""

from collections.abc import Awaitable, Callable
from functools import cache
from html import escape
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

from wherry.errors import ConfigurationError
from wherry.http import asgi, wire
from wherry.http.app import App
from wherry.http.coding import compressed
from wherry.http.errors import JSON, NOT_ALLOWED, unrouted
from wherry.http.openapi import Operations
from wherry.http.routes import JOB_ROUTES, ROUTES, Route
from wherry.service import Service

_HTML, _JS, _CSS = "text/html; charset=utf-8", "text/javascript; charset=utf-8", "text/css"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/page.js"></script>
</body>
</html>
"""
_SCRIPT = b"""SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
"""
_ABOUT = """{kind} ({estimator}).

`POST /predict/{model}` takes plain rows; `/v2` is the
[Open Inference Protocol](https://github.com/kserve/open-inference-protocol), version 2.
Every error is `{{"error": "…"}}`.

Behind API Gateway a request carries a key, or a signature, and some answers are not this server's:
403 (no key, or not allowed), 429 (too many requests), 502 and 504 (it could not answer). Served by
itself, it asks for no key.
"""

Endpoint = Callable[[Request], Awaitable[Response]]


class _Handed(Response):
    """The app's own answer, whatever it is."""

    def __init__(self, app: App) -> None:
        super().__init__()
        self._app = app

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        await self._app(scope, receive, send)


def create_pages(app: App) -> FastAPI:
    """The pages of an app; they hold its routes too, and hand those on to it."""
    pages = FastAPI(
        title=app.service.release.model,
        version=str(app.service.release.version),
        description=_about(app.service),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    operations = Operations(app.service, jobs=app.has_jobs)
    routes = (*ROUTES, *JOB_ROUTES) if app.has_jobs else ROUTES
    for route in sorted(routes, key=lambda route: route.name != "predict"):
        _add(pages, route, app, operations)
    document = cache(lambda: orjson.dumps(_document(pages, operations)))
    files: dict[str, tuple[str, Callable[[], bytes]]] = {
        "/openapi.json": (JSON, document),
        "/docs": (_HTML, _PAGE.format(title=escape(pages.title)).encode),
        "/docs/page.js": (_JS, lambda: _SCRIPT),
        "/docs/swagger-ui-bundle.js": (_JS, _asset("swagger-ui-bundle.js")),
        "/docs/swagger-ui.css": (_CSS, _asset("swagger-ui.css")),
    }
    for path, (media_type, content) in files.items():
        pages.add_api_route(path, _endpoint(media_type, content), include_in_schema=False)
    pages.add_exception_handler(HTTPException, _unrouted)
    return pages


def _add(pages: FastAPI, route: Route, app: App, operations: Operations) -> None:
    async def endpoint() -> Response:
        return _Handed(app)

    operation = operations.of(route)
    tail = "_of_version" if "{version}" in route.template else ""
    succeeds = next(iter(operation["responses"])) if operation else "200"
    pages.add_api_route(
        route.template,
        endpoint,
        methods=[route.method],
        status_code=int(succeeds),
        summary=route.summary,
        operation_id=route.name + tail,
        openapi_extra=operation,
        include_in_schema=operation is not None,
    )


def _document(pages: FastAPI, operations: Operations) -> dict[str, Any]:
    document = get_openapi(
        title=pages.title,
        version=pages.version,
        description=pages.description,
        routes=pages.routes,
        servers=[{"url": ".", "description": "where this document is"}],
        tags=[{"name": name} for name in operations.tags],
    )
    key = {"type": "apiKey", "in": "header", "name": "x-api-key"}
    document["components"] = {"schemas": operations.schemas(), "securitySchemes": {"key": key}}
    document["security"] = [{}, {"key": []}]
    return document


def _about(service: Service) -> str:
    manifest = service.manifest
    kind = "A model" if manifest.task == "other" else f"A {manifest.task} model"
    return _ABOUT.format(kind=kind, estimator=manifest.estimator, model=service.release.model)


def _asset(name: str) -> Callable[[], bytes]:
    """A file of Swagger UI; the package that carries it is not imported."""

    def read() -> bytes:
        found = find_spec("fastapi_swagger")
        if found is None or not found.submodule_search_locations:
            raise ConfigurationError(
                "fastapi-swagger", "it cannot be found", "Install requirements/runtime.txt."
            )
        return Path(found.submodule_search_locations[0], "resources", name).read_bytes()

    return read


def _endpoint(media_type: str, content: Callable[[], bytes]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        headers = {
            "content-type": media_type,
            "content-security-policy": _POLICY,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
        }
        reply = wire.Reply(200, headers, content())
        return _response(compressed(reply, request.headers.get("accept-encoding", "")))

    return endpoint


async def _unrouted(request: Request, error: Exception) -> Response:
    """Of the path as it came: to make a URL of it takes a Host that is one."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    allowed = {"allow": "GET"} if status == NOT_ALLOWED else {}
    asked = wire.Request(request.method, request.scope["path"], {})
    return _response(unrouted(asked, HTTPStatus(status), **allowed))


def _response(reply: wire.Reply) -> Response:
    return Response(reply.body, reply.status, reply.headers)
