"""
The routes of jobs: taken here, told of and erased; what they ask for is computed elsewhere.

What came with a request is read and checked before it is taken, so that a mistake is told at once.
Every step can be repeated by a caller who lost its reply: a job that is queued already is sent to
its worker again, which does it once, and one that is done by now is told as it is.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property, partial
from time import time

from wherry.errors import NotFoundError, RequestError, TooLargeError
from wherry.http.descriptions import Endpoint, Parameters, check_addressed
from wherry.http.errors import json_reply
from wherry.http.predictions import Predictions
from wherry.http.recording import PREDICTION_ID
from wherry.http.wire import Reply, Request
from wherry.jobs.asking import wanted
from wherry.jobs.contract import IDEMPOTENCY_KEY, Job, Kind, is_id, seen
from wherry.jobs.owner import owner_of
from wherry.jobs.settings import JobRules
from wherry.jobs.store import Jobs, moved
from wherry.jobs.telling import location, look_again, told, url_of

OK, ACCEPTED, NO_CONTENT, CONFLICT, UNPROCESSABLE = 200, 202, 204, 409, 422


class Front:
    """
    `find` opens the jobs when the first request for one comes; `predictions` says who would answer
    a request, and what is wrong with it. `now` is the seconds since 1970.
    """

    def __init__(
        self,
        find: Callable[[], Jobs],
        rules: JobRules,
        predictions: Predictions,
        now: Callable[[], float] = time,
    ) -> None:
        self._find = find
        self._rules = rules
        self._predictions = predictions
        self._now = now

    def endpoints(self) -> Mapping[str, Endpoint]:
        """By the names of the routes."""
        return {
            "infer_job": partial(self._create, kind="infer"),
            "predict_job": partial(self._create, kind="predict"),
            "start_job": self._start,
            "job": self._tell,
            "erase_job": self._erase,
        }

    @cached_property
    def _jobs(self) -> Jobs:
        return self._find()

    def _create(self, request: Request, parameters: Parameters, kind: Kind) -> Reply:
        chosen = self._predictions.chosen(request, parameters)
        asked = wanted(kind, request, chosen, self._rules, self._now())
        if asked.status == "queued":
            chosen.service.check_body(len(request.body))
            with suppress(TooLargeError):  # for one request; a job may be larger
                self._predictions.check(kind, request, chosen.service)
        job = seen(self._kept(asked, request), self._now())
        if job.content not in ("", asked.content):
            what = f"it came before, with another request: that is job {job.id}"
            return _refused(UNPROCESSABLE, "Idempotency-Key", what, "Take another key.")
        self._wake(job)
        reply = self._reply(job, request, ACCEPTED)
        reply.headers.update(self._predictions.headers_of(chosen))
        reply.headers[PREDICTION_ID] = job.id
        reply.headers["location"] = location(request.path, url_of(self._model, job.id))
        return reply

    def _kept(self, asked: Job, request: Request) -> Job:
        """The job that is asked for, or the one that the same key has made before."""
        records, objects, _ = self._jobs
        if IDEMPOTENCY_KEY in request.headers:
            found = records.get(asked.id)
            if found is not None and self._now() < found.expires:
                return found
            if found is not None:
                objects.delete(found.objects)
        if asked.status == "queued":
            objects.put(asked.input, request.body, {})
        kept = records.create(asked, self._now())
        if kept.place != asked.place:  # another request with the same key was first
            objects.delete([asked.input])
        return kept

    def _start(self, request: Request, parameters: Parameters) -> Reply:
        job = self._own(request, parameters)
        if job.status == "waiting":
            missing = self._missing(job)
            if missing:
                return _refused(CONFLICT, f"job {job.id}", missing, "Upload it, then start again.")
            self._jobs.records.move(job, moved(job, status="queued", begun=self._now()))
            job = self._own(request, parameters)
        if job.status in ("cancelled", "expired"):
            return _refused(CONFLICT, f"job {job.id}", f"it is {job.status}")
        self._wake(job)
        return self._reply(job, request, ACCEPTED)

    def _missing(self, job: Job) -> str:
        """What is wrong with the upload, if anything; a wrong one is not kept."""
        size = self._jobs.objects.size(job.input)
        if size is None:
            return "nothing was uploaded yet"
        if size == job.bytes:
            return ""
        self._jobs.objects.delete([job.input])
        return f"{size} bytes were uploaded, and {job.bytes} announced"

    def _tell(self, request: Request, parameters: Parameters) -> Reply:
        return self._reply(self._own(request, parameters), request, OK)

    def _erase(self, request: Request, parameters: Parameters) -> Reply:
        """What is left says that it was cancelled, and no more; its worker finds that out."""
        job = self._found(request, parameters)
        while job.status != "cancelled" and not self._jobs.records.move(job, _cancelled(job)):
            job = self._found(request, parameters)
        self._jobs.objects.delete(job.objects)
        return Reply(NO_CONTENT, {}, b"")

    def _wake(self, job: Job) -> None:
        if job.status == "queued":
            self._jobs.queue.send(job.id)

    def _own(self, request: Request, parameters: Parameters) -> Job:
        return seen(self._found(request, parameters), self._now())

    def _found(self, request: Request, parameters: Parameters) -> Job:
        check_addressed(parameters, self._predictions.release)
        job_id = parameters["job"]
        job = self._jobs.records.get(job_id) if is_id(job_id) else None
        if job is None or job.owner != owner_of(request):
            raise NotFoundError("the job", "this caller has none of that id")
        return job

    def _reply(self, job: Job, request: Request, status: int) -> Reply:
        shown = told(
            job,
            url_of(self._model, job.id),
            now=self._now(),
            host=request.headers.get("host", ""),
            objects=self._jobs.objects,
        )
        reply = json_reply({**shown, "model": self._model}, status)
        seconds = look_again(job, self._now())
        if seconds is not None:
            reply.headers["retry-after"] = str(seconds)
        return reply

    @property
    def _model(self) -> str:
        return self._predictions.release.model


def _cancelled(job: Job) -> Job:
    return moved(
        job, status="cancelled", content="", headers={}, labels={}, result=None, failure=None
    )


def _refused(status: int, where: str, what: str, todo: str = "") -> Reply:
    return json_reply({"error": str(RequestError(where, what, todo))}, status)
