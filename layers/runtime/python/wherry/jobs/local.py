"""
Jobs of one server: a directory, and a thread that does them one after another.

Whatever was queued or at work when a server ended is done by the next one in the same directory,
and two at once are refused. What has expired is removed.
"""

import fcntl
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import time
from typing import Any

import msgspec

from wherry.errors import UsageError
from wherry.http.descriptions import Endpoint
from wherry.http.predictions import Predictions
from wherry.jobs.contract import Job, seen
from wherry.jobs.directory import FileObjects, FileRecords
from wherry.jobs.front import Front
from wherry.jobs.links import Links
from wherry.jobs.settings import JobRules
from wherry.jobs.store import Jobs, moved
from wherry.jobs.work import Turn, Worker
from wherry.pinned import Services
from wherry.settings import Settings

_logger = logging.getLogger("wherry.jobs")

LONGEST = 24 * 3600.0  # seconds of an attempt: nobody ends it
GRACE = 5.0  # seconds for the job at hand when the server ends
SWEEP = 60.0  # seconds between two looks for what has expired


class LocalQueue:
    """Ids, each with how often it was tried; None only wakes who waits."""

    def __init__(self) -> None:
        self.waiting: SimpleQueue[tuple[str, int] | None] = SimpleQueue()

    def send(self, job_id: str) -> None:
        """See Queue."""
        self.waiting.put((job_id, 0))


class LocalJobs:
    """`now` is the seconds since 1970; nothing is done before `start`."""

    def __init__(
        self, folder: Path, rules: JobRules | None = None, now: Callable[[], float] = time
    ) -> None:
        self._rules = rules or JobRules()
        self._now = now
        self.records = FileRecords(folder / "records")
        self.objects = FileObjects(folder / "objects", now)
        self._queue = LocalQueue()
        self.jobs = Jobs(self.records, self.objects, self._queue)
        self._thread: Thread | None = None
        self._ends = False
        self._lock = (folder / "lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise UsageError(
                "--jobs", f"another server works in {folder}", "Name another directory."
            ) from None

    def routes(self, predictions: Predictions) -> Mapping[str, Endpoint]:
        """See JobRoutes."""
        return Front(lambda: self.jobs, self._rules, predictions, self._now).endpoints()

    def around(self, app: Any) -> Links:
        """The ASGI app, with the links to inputs and results."""
        return Links(app, self.records, self.objects)

    def start(self, settings: Settings) -> None:
        """Do them, in a thread that ends with the process; `settings` are the release's own."""
        worker = self.worker(settings)
        self.resume()
        self._thread = Thread(target=self._work, args=(worker,), daemon=True, name="jobs")
        self._thread.start()

    def worker(self, settings: Settings) -> Worker:
        """One that loads what it needs when the first job needs it."""
        limits = self._rules.limits(settings.limits)
        services = Services(msgspec.structs.replace(settings, limits=limits))
        return Worker(self.jobs, services, now=self._now)

    def close(self) -> None:
        """Begin no other job, give the one at hand some time, and let go of the directory."""
        self._ends = True
        self._queue.waiting.put(None)
        if self._thread is not None:
            self._thread.join(GRACE)
        self._lock.close()

    def resume(self) -> None:
        """Queue again what an earlier server has not ended."""
        for job in self.records.all():
            if job.status == "running":
                self.records.move(job, moved(job, status="queued", lease=0))
            if job.status in ("queued", "running"):
                self._queue.send(job.id)

    def sweep(self) -> None:
        """Remove what has expired."""
        for job in self.records.all():
            if seen(job, self._now()).status == "expired":
                self._remove(job)

    def _remove(self, job: Job) -> None:
        try:
            self.objects.delete(job.objects)
            self.records.remove(job)
        except OSError:
            _logger.exception("job %s has expired, and is still there", job.id)

    def do_next(self, worker: Worker, seconds: float = 0) -> bool:
        """Do the next job; False if none came in so many seconds. One that fails waits again."""
        try:
            told = self._queue.waiting.get(timeout=seconds)
        except Empty:
            return False
        if told is None or self._ends:
            return False
        job_id, tried = told
        try:
            worker.work(job_id, Turn(LONGEST, last=tried + 1 >= self._rules.receives))
        except Exception:
            _logger.exception("job %s failed", job_id)
            self._queue.waiting.put((job_id, tried + 1))
        return True

    def _work(self, worker: Worker) -> None:
        while not self._ends:
            if not self.do_next(worker, SWEEP):
                self.sweep()
