"""
The console over HTTP: one page, its files, and a small JSON API over a board.

    GET  /                             the page
    GET  /static/{file}                its files; there is nothing else to load, from nowhere
    GET  /api/models                   `Models`
    GET  /api/models/{model}           `ModelView`; 304 while it is what the asker has
    POST /api/models/{model}/{action}  204; `Name` says which actions there are

A deed's header CONFIRMED is the consequence that was shown, percent-encoded: 409 if it is another
one by now.

What fails is answered as `Failed`. A fault of ours is logged, and only told to have happened.
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from wherry.errors import (
    CloudError,
    ConflictError,
    NotFoundError,
    RefusedError,
    RequestError,
    UsageError,
    WherryError,
)
from wherry_control.console.actions import DEEDS, Name
from wherry_control.console.desk import Desk
from wherry_control.console.guard import Guard
from wherry_control.console.view import Failed, Models, ModelView, Told

STATIC = Path(__file__).parent / "static"
JSON = "application/json"
CONFIRMED = "x-wherry-confirmed"
# The first that fits.
STATUS: tuple[tuple[type[WherryError], int], ...] = (
    (NotFoundError, 404),
    (ConflictError, 409),
    (RefusedError, 409),
    (RequestError, 400),
    (UsageError, 400),
    (CloudError, 502),
)
REFUSED, INTERNAL, NOT_FOUND, NOT_ALLOWED, UNCHANGED, DONE = 403, 500, 404, 405, 304, 204
SHAPE: dict[int | str, dict[str, Any]] = {"default": {"model": Failed}}

_logger = logging.getLogger("wherry.console")


def console_app(desk: Desk, guard: Guard) -> FastAPI:
    """The whole of it, for whoever serves it at the guard's port."""
    app = FastAPI(
        title="wherry console", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json"
    )
    _add_errors(app)
    _add_guard(app, guard)
    _add_routes(app, desk)

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(STATIC / "index.html")

    app.mount("/static", StaticFiles(directory=STATIC))
    return app


def _add_routes(app: FastAPI, desk: Desk) -> None:
    @app.get("/api/models", response_model=Models, responses=SHAPE)
    def models(request: Request) -> Response:
        return _document(request, desk.models())

    @app.get("/api/models/{model}", response_model=ModelView, responses=SHAPE)
    def model_view(request: Request, model: str) -> Response:
        return _document(request, desk.view(model))

    @app.post("/api/models/{model}/{action}", status_code=DONE, responses=SHAPE)
    def act(request: Request, model: str, action: Name) -> Response:
        confirmed = request.headers.get(CONFIRMED)
        desk.act(action, model, None if confirmed is None else unquote(confirmed))
        return Response(status_code=DONE)


def _add_guard(app: FastAPI, guard: Guard) -> None:
    @app.middleware("http")
    async def guarded(
        request: Request, forward: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        try:
            guard.check(request)
        except RefusedError as error:
            return guard.seal(request, _failed(error, REFUSED))
        try:
            response = await forward(request)
        except Exception:  # the last resort: told by the log, not by the page
            _logger.exception("a request of the console failed")
            told = WherryError("console", "it failed; its terminal says why", "Try it again.")
            response = _failed(told, INTERNAL)
        return guard.seal(request, response)


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(WherryError)
    async def told(_request: Request, error: WherryError) -> Response:
        status = next((code for kind, code in STATUS if isinstance(error, kind)), INTERNAL)
        return _failed(error, status)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, _error: RequestValidationError) -> Response:
        return _failed(
            NotFoundError(request.url.path[:200], "there is no such action", f"Use {_words()}."),
            NOT_FOUND,
        )

    @app.exception_handler(HTTPException)
    async def unrouted(request: Request, error: HTTPException) -> Response:
        asked = f"{request.method} {request.url.path}"[:200]
        response = _failed(RequestError(asked, error.detail.lower()), error.status_code)
        response.headers.update(error.headers or {})
        return response


def _words() -> str:
    return ", ".join(DEEDS)


def _failed(error: WherryError, status: int) -> Response:
    return Response(orjson.dumps(Failed(Told.of(error))), status, media_type=JSON)


def _document(request: Request, told: Models | ModelView) -> Response:
    body = orjson.dumps(told, option=orjson.OPT_NON_STR_KEYS)
    headers = {
        "etag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "cache-control": "private, no-cache",
    }
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=UNCHANGED, headers=headers)
    return Response(body, headers=headers, media_type=JSON)
