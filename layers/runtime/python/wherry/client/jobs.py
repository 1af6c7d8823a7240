"""
Jobs, as flows: made, waited for, fetched, cancelled. How they are told: `wherry.jobs.contract`.

What is too large for a request is uploaded to where the server says; that place, and the one of the
result, are no part of the API, and are shown neither its key nor a signature.
"""

import zlib
from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import quote
from uuid import uuid4

import msgspec
import orjson

from wherry.client.descriptions import read
from wherry.client.failures import failure, stranger
from wherry.client.flow import Answer, Ask, Flow, Pause
from wherry.client.payloads import Payload
from wherry.client.predictions import PlainPrediction, Prediction
from wherry.client.reading import prediction_of
from wherry.client.retries import INTERNAL, Came
from wherry.client.server import Server
from wherry.errors import CloudError
from wherry.limits import LAMBDA_BODY

# As the contract has them, which this cannot import without ONNX Runtime; a test compares them.
UPLOAD, IDEMPOTENCY_KEY = "x-wherry-upload", "idempotency-key"
State = Literal["waiting", "queued", "running", "succeeded", "failed", "cancelled", "expired"]
ENDED = frozenset({"succeeded", "failed", "cancelled", "expired"})

_SOONEST, _LATEST = 0.1, 5.0  # seconds between two looks, where the server says nothing of it
_ANY_ZLIB = 47  # gzip or zlib, as its first bytes say


class Upload(msgspec.Struct, frozen=True):
    """Where the input is to go."""

    method: str
    url: str
    headers: dict[str, str] = {}


class Result(msgspec.Struct, frozen=True):
    """Where the answer is, and what its headers would have been."""

    url: str
    headers: dict[str, str] = {}


class JobStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a job is; of one that failed `error` says why, with the status of a request that does."""

    id: str
    state: State = msgspec.field(name="status")
    model: str
    version: str = ""
    release: str = ""
    created: str = ""
    expires: str = ""
    error: str = ""
    error_status: int = 0
    upload: Upload | None = None
    result: Result | None = None

    @property
    def ended(self) -> bool:
        """Whether it will not change any more, but for being erased."""
        return self.state in ENDED


Progress = Callable[[JobStatus], None]


class Jobs:
    """The jobs of one server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def create(self, payload: Payload[Any]) -> Flow[JobStatus]:
        """Made once, however often it must be asked for; NotFoundError where there are no jobs."""
        ask = payload.ask()
        limits = yield from self._server.limits(payload.model)
        large = len(ask.body) > min(limits.body_bytes, LAMBDA_BODY)
        headers = {**ask.headers, IDEMPOTENCY_KEY: uuid4().hex, "accept-encoding": "identity"}
        if large:
            headers[UPLOAD] = str(len(ask.body))
        path = f"{ask.path.removesuffix('/infer')}/jobs"
        job = yield from self._told(Ask("POST", path, headers, b"" if large else ask.body))
        if job.upload is None:
            return job
        upload = job.upload
        place = Ask(upload.method, upload.url, upload.headers, ask.body, elsewhere=True)
        yield from self._server.ask(place)
        return (yield from self._told(_of("POST", job.model, job.id)))

    def status(self, model: str, job_id: str) -> Flow[JobStatus]:
        """How it is now."""
        return (yield from self._told(_of("GET", model, job_id)))

    def cancel(self, model: str, job_id: str) -> Flow[None]:
        """Stop it, and erase what came and what was answered."""
        yield from self._server.ask(_of("DELETE", model, job_id))

    def wait(
        self, model: str, job_id: str, seconds: float, progress: Progress | None = None
    ) -> Flow[JobStatus]:
        """Look until it has ended; `progress` is told of each look. CloudError after `seconds`."""
        retries, ask = self._server.retries, _of("GET", model, job_id)
        begun, pause = retries.now(), _SOONEST
        while True:
            answer = yield from self._server.ask(ask)
            job = read(answer, JobStatus, self._server.where(ask))
            if progress is not None:
                progress(job)
            if job.ended:
                return job
            left = seconds - (retries.now() - begun)
            if left <= 0:
                raise CloudError(
                    f"job {job_id}", f"it is {job.state} after {seconds:g} seconds", "Wait longer."
                )
            yield Pause(min(left, retries.told(answer) or pause))
            pause = min(2 * pause, _LATEST)

    def result(self, model: str, job_id: str, seconds: float) -> Flow[Any]:
        """Its predictions, waited for; raised is what a request for them would have raised."""
        done = yield from self.wait(model, job_id, seconds)
        if done.state == "failed":
            answer = Answer(done.error_status or INTERNAL, {}, orjson.dumps({"error": done.error}))
            raise failure(Came(answer, 1), answer, f"job {done.id}")
        if done.result is None:
            raise CloudError(f"job {done.id}", f"it is {done.state}", "Ask again, as a new job.")
        return (yield from self._fetched(done, done.result))

    def _fetched(self, job: JobStatus, result: Result) -> Flow[Prediction | PlainPrediction]:
        ask = Ask("GET", result.url, elsewhere=True)
        answer, where = (yield from self._server.ask(ask)), self._server.where(ask)
        told = {**_headers(job), **{name.lower(): each for name, each in result.headers.items()}}
        body = answer.body
        if told.get("content-encoding") and "content-encoding" not in answer.headers:
            body = _inflated(body, where)
        return prediction_of(Answer(answer.status, told, body), where)

    def _told(self, ask: Ask) -> Flow[JobStatus]:
        answer = yield from self._server.ask(ask)
        return read(answer, JobStatus, self._server.where(ask))


def _headers(job: JobStatus) -> Mapping[str, str]:
    """Who answered, as a prediction's own headers say it."""
    return {
        "x-wherry-model": job.model,
        "x-wherry-version": job.version,
        "x-wherry-release": job.release,
        "x-wherry-prediction-id": job.id,
    }


def _inflated(body: bytes, where: str) -> bytes:
    try:
        return zlib.decompress(body, _ANY_ZLIB)
    except zlib.error as error:
        raise stranger(where, f"its answer cannot be read ({error})") from error


def _of(method: str, model: str, job_id: str) -> Ask:
    place = f"/v2/models/{quote(model, safe='')}/jobs/{quote(job_id, safe='')}"
    return Ask(method, place)
