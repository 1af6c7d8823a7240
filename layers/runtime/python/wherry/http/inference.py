"""
POST …/infer: bytes in, bytes out, and evidence of it.

The routes are `async def` and run the model on the event loop: a Lambda environment has one request
at a time, and a thread hop would cost more than most models do. Answers and refusals alike say in
their headers which release gave them.
"""

import logging
from contextlib import aclosing
from time import perf_counter
from uuid import uuid4

from fastapi import APIRouter, Request

from wherry.errors import RequestError, TooLargeError
from wherry.evidence import Evidence, Prediction
from wherry.http.address import check_addressed
from wherry.http.errors import error_reply
from wherry.http.replies import JsonReply
from wherry.service import Answer, Service

_logger = logging.getLogger("wherry.http")

_BINARY_HEADER = "inference-header-content-length"


class Inference:
    """The POST half of the protocol."""

    def __init__(self, service: Service, evidence: Evidence | None) -> None:
        self._service = service
        self._evidence = evidence
        self._headers = {
            "x-wherry-model": service.release.model,
            "x-wherry-version": str(service.release.version),
            "x-wherry-release": service.release.name,
            "x-wherry-digest": service.release.digest,
        }

    def router(self) -> APIRouter:
        """With and without a version."""
        router = APIRouter()
        for path in ("/v2/models/{model}/infer", "/v2/models/{model}/versions/{version}/infer"):
            router.add_api_route(path, self.infer, methods=["POST"])
        return router

    async def infer(self, request: Request) -> JsonReply:
        started = perf_counter()
        prediction_id, rows = uuid4().hex, 0
        try:
            answer = await self._answer(request)
        except Exception as error:  # noqa: BLE001 - one place turns any failure into an answer
            reply = error_reply(error)
        else:
            reply, rows = JsonReply(answer.body), answer.rows
        reply.headers.update({**self._headers, "x-wherry-prediction-id": prediction_id})
        elapsed = (perf_counter() - started) * 1000
        self._record(Prediction(prediction_id, reply.status_code, rows, elapsed))
        return reply

    async def _answer(self, request: Request) -> Answer:
        check_addressed(request, self._service.release)
        _check_plain(request)
        return self._service.infer(await _body(request, self._service.limits.body_bytes))

    def _record(self, prediction: Prediction) -> None:
        if self._evidence is None:
            return
        try:
            self._evidence.record(prediction)
        except Exception:
            _logger.exception("evidence of prediction %s is lost", prediction.id)


def _check_plain(request: Request) -> None:
    """What would make the body something else than JSON is refused, not misread."""
    if _BINARY_HEADER in request.headers:
        raise RequestError(
            "Inference-Header-Content-Length", "binary tensors are not served", "Send JSON data."
        )
    coding = request.headers.get("content-encoding", "identity")
    if coding.lower() != "identity":
        raise RequestError("Content-Encoding", f"{coding[:64]} is not served", "Send it plain.")


async def _body(request: Request, limit: int) -> bytes:
    """Stop reading at the limit: a caller's length is a claim."""
    chunks, size = [], 0
    async with aclosing(request.stream()) as stream:
        async for chunk in stream:
            size += len(chunk)
            if size > limit:
                raise TooLargeError("the request", f"it is over {limit} bytes")
            chunks.append(chunk)
    return b"".join(chunks)
