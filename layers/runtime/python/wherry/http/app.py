"""
The app: one service over HTTP, every answer in the protocol's shape, whatever door it comes by.

What a prediction needs is answered here, with no framework: FastAPI costs a cold start more than
ONNX Runtime does. Pages for people (`/docs`, `/openapi.json`) are FastAPI's, made when somebody
first asks for one, from the same table of routes. A content type is never looked at by the
protocol: its own clients send none, or a wrong one.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from wherry.evidence import Evidence
from wherry.http.descriptions import Descriptions
from wherry.http.errors import NOT_ALLOWED, NOT_FOUND, OK, error_reply, unrouted
from wherry.http.hooks import NO_HOOKS, Hooks
from wherry.http.predictions import Predictions
from wherry.http.routes import Route, find, find_with_jobs
from wherry.http.wire import Reply, Request
from wherry.service import Service

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wherry.http.asgi import Receive, Scope, Send
    from wherry.http.descriptions import Endpoint, Parameters
    from wherry.http.feedback import Feedback

_HEAD, _GET = "HEAD", "GET"


class App:
    """
    `answer` serves a request in this thread; the app itself is an ASGI callable.

    Without `evidence`, predictions leave none; `feedback` gets a line for what became of them.
    Without `docs`, there are no pages.
    """

    def __init__(
        self,
        service: Service,
        *,
        evidence: Evidence | None = None,
        feedback: Callable[[str], None] | None = None,
        docs: bool = True,
        hooks: Hooks = NO_HOOKS,
    ) -> None:
        self.service = service
        self._docs = docs
        self._told_feedback = feedback
        predictions = Predictions(service, evidence, hooks)
        self._endpoints: Mapping[str, Endpoint] = {
            **predictions.endpoints(),
            **Descriptions(service, hooks.chooser).endpoints(),
            "feedback": self._take_feedback,
            **(hooks.jobs(predictions) if hooks.jobs else {}),
        }
        self.has_jobs = hooks.jobs is not None
        self._find = find_with_jobs if self.has_jobs else find

    def answer(self, request: Request) -> Reply:
        """
        Never raise: what goes wrong is a reply too.

        Only predictions are compressed: some clients say that they take gzip (their HTTP library
        does), and then read errors and metadata as they come.
        """
        try:
            reply = self._routed(request)
        except Exception as error:  # noqa: BLE001 - one place turns any failure into an answer
            reply = error_reply(error)
        accepted = request.headers.get("accept-encoding")
        if not accepted or request.method != "POST" or reply.status != OK:
            return reply
        from wherry.http.coding import compressed

        return compressed(reply, accepted)

    async def answer_soon(self, request: Request) -> Reply:
        """As `answer`, for an event loop: a server may let others go on meanwhile."""
        return self.answer(request)

    def is_page(self, path: str) -> bool:
        """Whether `pages` answer it, and not this."""
        return self._docs and (path in ("/docs", "/openapi.json") or path.startswith("/docs/"))

    @cached_property
    def pages(self) -> "FastAPI":
        """What people look at."""
        from wherry.http.pages import create_pages

        return create_pages(self)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        from wherry.http import asgi

        if scope["type"] == "http" and self.is_page(asgi.path_of(scope)):
            await self.pages(scope, receive, send)
        else:
            await asgi.serve(self.answer_soon, self.service.limits.body_bytes, scope, receive, send)

    def _take_feedback(self, request: Request, _: "Parameters") -> Reply:
        return self._feedback.take(request)

    @cached_property
    def _feedback(self) -> "Feedback":
        """Made for the first that comes; most environments never see one."""
        from wherry.http.feedback import Feedback

        return Feedback(self.service.release, self._told_feedback)

    def _routed(self, request: Request) -> Reply:
        found = self._find(request.path)
        if found is None:
            return unrouted(request, NOT_FOUND)
        routes, parameters = found
        route = routes.get(_GET if request.method == _HEAD else request.method)
        if route is None:
            return unrouted(request, NOT_ALLOWED, allow=_allowed(routes))
        return self._endpoints[route.name](request, parameters)


def _allowed(routes: Mapping[str, Route]) -> str:
    return ", ".join([*routes, _HEAD] if _GET in routes else routes)
