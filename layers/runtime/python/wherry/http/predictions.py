"""
The POST half: a body in, an answer out, and evidence of it.

The model runs where the request came in: a Lambda environment has one request at a time, and a
thread hop would cost more than most models do. Answers and refusals alike say in their headers
which release gave them.
"""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from os import urandom
from time import perf_counter
from typing import TYPE_CHECKING

from wherry.errors import RequestError, TooLargeError
from wherry.evidence import Evidence
from wherry.http.descriptions import Endpoint, Parameters, check_addressed
from wherry.http.errors import error_reply
from wherry.http.hooks import NO_HOOKS, After, Chosen, Hooks
from wherry.http.recording import PREDICTION_ID, Recorder
from wherry.http.wire import Reply, Request
from wherry.release import Release
from wherry.service import Answer, Service

if TYPE_CHECKING:
    from wherry.plain import PlainPredictor

_logger = logging.getLogger("wherry.http")

HEADER_LENGTH = "inference-header-content-length"
_BINARY = "application/octet-stream"

Ask = Callable[[Service, Request], Answer]


class Predictions:
    """Every request for a prediction is counted, timed and given an id, whatever becomes of it."""

    def __init__(
        self, service: Service, evidence: Evidence | None, hooks: Hooks = NO_HOOKS
    ) -> None:
        self._recorder = None if evidence is None else Recorder(evidence, service.release)
        self._chooser, self._after = hooks.chooser, hooks.after
        self._default = Chosen(service)
        self._headers = _headers(service.release)
        self._plain: dict[Service, PlainPredictor] = {}
        self._asks: Mapping[str, Ask] = {"infer": self._infer, "predict": self._predict}

    def endpoints(self) -> Mapping[str, Endpoint]:
        """By the names of the routes."""
        return {name: partial(self._answer, ask=ask) for name, ask in self._asks.items()}

    def _answer(self, request: Request, parameters: Parameters, ask: Ask) -> Reply:
        started = perf_counter()
        prediction_id, chosen, answer = urandom(16).hex(), self._default, None
        try:
            if self._chooser is not None:
                chosen = self._chooser.choose(request, parameters)
            check_addressed(parameters, chosen.service.release)
            answer = ask(chosen.service, request)
            reply = reply_of(answer)
        except Exception as error:  # noqa: BLE001 - one place turns any failure into an answer
            reply = error_reply(error)
        reply.headers.update(self.headers_of(chosen))
        reply.headers[PREDICTION_ID] = prediction_id
        elapsed = (perf_counter() - started) * 1000
        if self._recorder is not None:
            self._recorder.record(request, chosen, answer, reply, elapsed)
        if self._after is not None and answer is not None:
            _follow(self._after, prediction_id, request, answer, chosen)
        return reply

    def ask(self, name: str, request: Request) -> Answer:
        """
        What the one service computes for a request of the route `name`.

        No evidence is left, nobody else is asked, and what is wrong is raised.
        """
        return self._asks[name](self._default.service, request)

    def chosen(self, request: Request, parameters: Parameters) -> Chosen:
        """Who answers it; raise what is to be the answer where nobody can."""
        chosen = self._default
        if self._chooser is not None:
            chosen = self._chooser.choose(request, parameters)
        check_addressed(parameters, chosen.service.release)
        return chosen

    def check(self, name: str, request: Request, service: Service) -> None:
        """Raise what is wrong with a request of the route `name`, as far as that shows unasked."""
        body = _body(service, request)
        if name == "infer":
            service.asked(body, header_length=_header_length(request.headers))
        else:
            content_type = request.headers.get("content-type", "")
            self._plain_of(service).asked(body, content_type=content_type)

    @property
    def release(self) -> Release:
        """Of the one service."""
        return self._default.service.release

    def _infer(self, service: Service, request: Request) -> Answer:
        """A V2 request; the header alone says whether tensors follow its JSON as bytes."""
        return service.infer(_body(service, request), header_length=_header_length(request.headers))

    def _predict(self, service: Service, request: Request) -> Answer:
        """A plain request; its headers are hints."""
        return self._plain_of(service).answer(
            _body(service, request),
            content_type=request.headers.get("content-type", ""),
            accept=request.headers.get("accept", ""),
        )

    def _plain_of(self, service: Service) -> "PlainPredictor":
        found = self._plain.get(service)
        if found is None:
            from wherry.plain import PlainPredictor

            found = self._plain[service] = PlainPredictor(service)
        return found

    def headers_of(self, chosen: Chosen) -> Mapping[str, str]:
        """Which release answers, and what else the chooser says of it."""
        if chosen is self._default:
            return self._headers
        return {**_headers(chosen.service.release), **chosen.headers}


def _follow(
    after: After, prediction_id: str, request: Request, answer: Answer, chosen: Chosen
) -> None:
    try:
        after.after(prediction_id, request, answer, chosen)
    except Exception:
        _logger.exception("what was to come after prediction %s failed", prediction_id)


def _headers(release: Release) -> Mapping[str, str]:
    """Which release gave an answer."""
    return {
        "x-wherry-model": release.model,
        "x-wherry-version": str(release.version),
        "x-wherry-release": release.name,
        "x-wherry-digest": release.digest,
    }


def _body(service: Service, request: Request) -> bytes:
    """Without its content coding, if it has one."""
    service.check_body(len(request.body))
    coding = request.headers.get("content-encoding")
    if coding is None:
        return request.body
    from wherry.http.coding import plain

    try:
        return plain(request.body, coding, service.limits.decompressed_bytes)
    except TooLargeError as error:
        raise service.advised(error) from None


def reply_of(answer: Answer) -> Reply:
    """An answer, as it leaves."""
    if answer.header_length is None:
        return Reply(200, {"content-type": answer.media_type}, answer.body)
    headers = {"content-type": _BINARY, HEADER_LENGTH: str(answer.header_length)}
    return Reply(200, headers, answer.body)


def _header_length(headers: Mapping[str, str]) -> int | None:
    told = headers.get(HEADER_LENGTH)
    if told is None:
        return None
    if not (told.isascii() and told.isdigit() and len(told) < 16):  # noqa: PLR2004 - a petabyte
        raise RequestError(
            "Inference-Header-Content-Length", f"{told[:64]!r} came; a number of bytes is wanted"
        )
    return int(told)
