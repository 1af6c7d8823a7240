"""
The POST half: a body in, an answer out, and evidence of it.

The model runs where the request came in: a Lambda environment has one request at a time, and a
thread hop would cost more than most models do. Answers and refusals alike say in their headers
which release gave them.
"""

import logging
from collections.abc import Callable, Mapping
from functools import cached_property
from os import urandom
from time import perf_counter
from typing import TYPE_CHECKING

from wherry.errors import RequestError, TooLargeError
from wherry.evidence import Evidence, Prediction
from wherry.http.descriptions import Endpoint, Parameters, check_addressed
from wherry.http.errors import error_reply
from wherry.http.wire import Reply, Request
from wherry.service import Answer, Service

if TYPE_CHECKING:
    from wherry.plain import PlainPredictor

_logger = logging.getLogger("wherry.http")

HEADER_LENGTH = "inference-header-content-length"
_BINARY = "application/octet-stream"

Ask = Callable[[Request], Answer]


class Predictions:
    """Every request for a prediction is counted, timed and given an id, whatever becomes of it."""

    def __init__(self, service: Service, evidence: Evidence | None) -> None:
        self._service = service
        self._evidence = evidence
        self._headers = {
            "x-wherry-model": service.release.model,
            "x-wherry-version": str(service.release.version),
            "x-wherry-release": service.release.name,
            "x-wherry-digest": service.release.digest,
        }

    def endpoints(self) -> Mapping[str, Endpoint]:
        """By the names of the routes."""
        return {
            "infer": lambda request, parameters: self._answer(request, parameters, self._infer),
            "predict": lambda request, parameters: self._answer(request, parameters, self._predict),
        }

    def _answer(self, request: Request, parameters: Parameters, ask: Ask) -> Reply:
        started = perf_counter()
        prediction_id, answer = urandom(16).hex(), None
        try:
            check_addressed(parameters, self._service.release)
            answer = ask(request)
            reply = _told(answer)
        except Exception as error:  # noqa: BLE001 - one place turns any failure into an answer
            reply = error_reply(error)
        reply.headers.update(self._headers)
        reply.headers["x-wherry-prediction-id"] = prediction_id
        rows, steps = (answer.rows, answer.steps) if answer else (0, {})
        elapsed = (perf_counter() - started) * 1000
        self._record(Prediction(prediction_id, reply.status, rows, elapsed, steps))
        return reply

    def _infer(self, request: Request) -> Answer:
        """A V2 request; the header alone says whether tensors follow its JSON as bytes."""
        return self._service.infer(
            self._body(request), header_length=_header_length(request.headers)
        )

    def _predict(self, request: Request) -> Answer:
        """A plain request; its headers are hints."""
        return self._plain.answer(
            self._body(request),
            content_type=request.headers.get("content-type", ""),
            accept=request.headers.get("accept", ""),
        )

    @cached_property
    def _plain(self) -> "PlainPredictor":
        from wherry.plain import PlainPredictor

        return PlainPredictor(self._service)

    def _body(self, request: Request) -> bytes:
        """Without its content coding, if it has one."""
        self._service.check_body(len(request.body))
        coding = request.headers.get("content-encoding")
        if coding is None:
            return request.body
        from wherry.http.coding import plain

        try:
            return plain(request.body, coding, self._service.limits.decompressed_bytes)
        except TooLargeError as error:
            raise self._service.advised(error) from None

    def _record(self, prediction: Prediction) -> None:
        if self._evidence is None:
            return
        try:
            self._evidence.record(prediction)
        except Exception:
            _logger.exception("evidence of prediction %s is lost", prediction.id)


def _told(answer: Answer) -> Reply:
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
