"""
The worker: a job is computed by the release that took it, and its result kept for its owner.

It may be told of a job twice, die at any point and be told again. So a job is taken by a move that
only one wins, for as long as the attempt can last; a result is written under the attempt's own
name; and the move that names it comes last. Whoever sees a job at its end, a loser too, erases all
that it may have and does not name: so nothing is left of one that was cancelled meanwhile.
"""

import logging
from collections.abc import Callable
from time import perf_counter, time
from typing import NamedTuple

import orjson

from wherry.errors import ModelError, RequestError
from wherry.evidence import Evidence, EvidenceLog
from wherry.http.coding import compressed
from wherry.http.errors import error_reply
from wherry.http.hooks import Chosen
from wherry.http.predictions import Predictions, reply_of
from wherry.http.recording import PREDICTION_ID, Recorder
from wherry.http.wire import Reply, Request
from wherry.jobs.contract import ENDED, Failure, Job, Result, is_id, seen
from wherry.jobs.store import Jobs, moved
from wherry.pinned import Services
from wherry.release import Release
from wherry.service import Answer

_logger = logging.getLogger("wherry.jobs")

OK = 200
MARGIN = 5.0  # seconds: a clock may be that much off


class Turn(NamedTuple):
    """`seconds` are left to this attempt; `last`: no other follows if it fails."""

    seconds: float
    last: bool


class _Done(NamedTuple):
    reply: Reply
    answer: Answer | None
    chosen: Chosen
    elapsed: float


class Worker:
    """`services` answer within the limits of jobs; `now` is the seconds since 1970."""

    def __init__(
        self,
        jobs: Jobs,
        services: Services,
        evidence: Callable[[Release], Evidence] = EvidenceLog,
        now: Callable[[], float] = time,
    ) -> None:
        self._records, self._objects, _ = jobs
        self._services = services
        self._evidence = evidence
        self._now = now

    def work(self, job_id: str, turn: Turn) -> float | None:
        """Return None when there is nothing left to do, else the seconds after which to try."""
        job = self._records.get(job_id) if is_id(job_id) else None
        if job is None or job.status == "waiting":
            return None
        told = seen(job, self._now())
        if told.status in ENDED:
            return self._left(job, told)
        if job.status == "running" and self._now() < job.lease:
            return job.lease - self._now()
        taken = moved(
            job, status="running", attempts=job.attempts + 1,
            lease=self._now() + turn.seconds + MARGIN, last=turn.last,
        )  # fmt: skip
        if not self._records.move(job, taken):
            return MARGIN
        try:
            return self._end(taken, self._done(taken))
        except Exception as error:
            if self._give_up(taken, error, turn):
                return None
            raise

    def _done(self, job: Job) -> _Done:
        """Raise what may be better another time; what is wrong with the request is its answer."""
        started = perf_counter()
        service = self._services.of(job.pinned)
        chosen, answer = Chosen(service, job.labels), None
        try:
            request = Request("POST", "", job.headers, self._input(job))
            answer = Predictions(service, None).ask(job.kind, request)
            del request  # its body need not be kept beside the answer
            reply = compressed(reply_of(answer), job.headers.get("accept-encoding", ""))
        except (RequestError, ModelError) as error:
            reply = error_reply(error)
        return _Done(reply, answer, chosen, (perf_counter() - started) * 1000)

    def _input(self, job: Job) -> bytes:
        body = self._objects.read(job.input, job.bytes)
        if body is None:
            raise RequestError("the input", "it is gone, or was changed", "Make another job.")
        return body

    def _end(self, job: Job, done: _Done) -> float | None:
        reply = done.reply
        if reply.status == OK:
            key = job.result_of(job.attempts)
            self._objects.put(key, reply.body, reply.headers)
            headers = {name: told for name, told in reply.headers.items() if name != "vary"}
            result = Result(key=key, bytes=len(reply.body), headers=headers)
            ended = moved(job, status="succeeded", result=result, lease=0)
        else:
            ended = moved(job, status="failed", failure=_failure(reply), lease=0)
        if not self._records.move(job, ended):  # another was first, and erases what is not its own
            return None if self._has_ended(job) else MARGIN
        self._record(job, done)
        self._tidy(ended)
        return None

    def _give_up(self, job: Job, error: Exception, turn: Turn) -> bool:
        """Let the next attempt begin at once, or say that there is none; True: it has ended."""
        if turn.last:
            ended = moved(job, status="failed", failure=_failure(error_reply(error)), lease=0)
        else:
            ended = moved(job, status="queued", lease=0)
        self._records.move(job, ended)  # if it was moved by another, that stands
        return self._has_ended(job)

    def _left(self, job: Job, told: Job) -> float | None:
        """
        It has ended. Where time ended an attempt, that is written down first: one that wakes after
        all may not name a result that is erased here.
        """
        killed = job.status == "running" and told.status == "failed"
        if killed and not self._records.move(job, moved(told, lease=0)):
            return MARGIN
        self._tidy(told)
        return None

    def _has_ended(self, job: Job) -> bool:
        """Whether its record says so; nothing is then left that it has no need of."""
        told = self._records.get(job.id)
        if told is None or told.status not in ENDED:
            return False
        self._tidy(told)
        return True

    def _tidy(self, job: Job) -> None:
        """Erase what a job in its state has no need of any more."""
        kept = job.result.key if job.result and self._now() < job.expires else ""
        self._objects.delete([key for key in job.objects if key != kept])

    def _record(self, job: Job, done: _Done) -> None:
        release = done.chosen.service.release
        done.reply.headers[PREDICTION_ID] = job.id
        Recorder(self._evidence(release), release).record(
            Request("POST", "", {}), done.chosen, done.answer, done.reply, done.elapsed
        )


def _failure(reply: Reply) -> Failure:
    return Failure(error=orjson.loads(reply.body)["error"], status=reply.status)
