"""
A model's jobs in memory, with the app that takes them and the worker that does them; and parts that
die around one of their calls, or let somebody else come between.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
import orjson

from tests.support.onnx_models import scaled
from tests.support.requests_v2 import request as v2
from tests.support.services import Kept, service_of
from wherry.http import App
from wherry.http.descriptions import Endpoint
from wherry.http.hooks import NO_HOOKS, Hooks
from wherry.http.predictions import Predictions
from wherry.http.wire import Reply, Request
from wherry.jobs.contract import Job
from wherry.jobs.front import Front
from wherry.jobs.settings import JobRules
from wherry.jobs.store import Jobs, Link
from wherry.jobs.work import Turn, Worker
from wherry.limits import Limits
from wherry.pinned import Services
from wherry.service import Service
from wherry.settings import Settings

JOBS = "/v2/models/tiny/jobs"
PLAIN = "/predict/tiny/jobs"
KEY = {"x-api-key": "mine"}
RULES = JobRules(keep_hours=1, most_mb=1)
LEASE = 60.0


class FakeRecords:
    def __init__(self) -> None:
        self.kept: dict[str, Job] = {}

    def create(self, job: Job, now: float) -> Job:
        there = self.kept.get(job.id)
        if there is not None and now < there.expires:
            return there
        self.kept[job.id] = job
        return job

    def get(self, job_id: str) -> Job | None:
        return self.kept.get(job_id)

    def move(self, old: Job, new: Job) -> bool:
        there = self.kept.get(old.id)
        if there is None or there.revision != old.revision:
            return False
        self.kept[old.id] = new
        return True


class FakeObjects:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, key: str, data: bytes, headers: Mapping[str, str]) -> None:
        assert all(isinstance(told, str) for told in headers.values())
        self.kept[key] = data

    def read(self, key: str, size: int) -> bytes | None:
        found = self.kept.get(key)
        return found if found is not None and len(found) == size else None

    def size(self, key: str) -> int | None:
        found = self.kept.get(key)
        return None if found is None else len(found)

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.kept.pop(key, None)

    def link(self, wanted: Link) -> str:
        return f"memory://{wanted.method}/{wanted.key}"


class FakeQueue:
    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, job_id: str) -> None:
        self.sent.append(job_id)


class DiedError(BaseException):
    """The process is gone: nothing handles it."""


class Around:
    """A part that calls `each`, with whether the call is over, around every call of it."""

    def __init__(self, part: Any, each: Callable[[bool], None]) -> None:
        self._part = part
        self._each = each

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._part, name)

        def around(*given: Any, **named: Any) -> Any:
            self._each(False)
            told = call(*given, **named)
            self._each(True)
            return told

        return around


class At:
    """Does `what` at the n-th point: there is one before and one after each call of `jobs`."""

    def __init__(self, point: int, what: Callable[[], None]) -> None:
        self.left = point
        self._what = what

    def jobs(self, jobs: Jobs) -> Jobs:
        return Jobs(*(Around(part, self._pass) for part in jobs))

    def _pass(self, _over: bool) -> None:  # noqa: FBT001 - a point is a point
        self.left -= 1
        if self.left == 0:
            self._what()

    @property
    def came(self) -> bool:
        """Whether there were so many points."""
        return self.left <= 0


def die() -> None:
    raise DiedError


class World:
    """What a test asks, on a clock of its own; `message` redelivers what was not acknowledged."""

    def __init__(
        self, jobs: Jobs | None = None, *, limits: Limits | None = None, rules: JobRules = RULES
    ) -> None:
        self.time = 1_800_000_000.0
        self.queue = FakeQueue()
        self.jobs = jobs or Jobs(FakeRecords(), FakeObjects(), self.queue)
        self.rules = rules
        self.service = service_of(limits=limits)
        self.evidence = Kept()

    @property
    def objects(self) -> dict[str, bytes]:
        objects = self.jobs.objects
        assert isinstance(objects, FakeObjects)
        return objects.kept

    def job(self, job_id: str) -> Job:
        found = self.jobs.records.get(job_id)
        assert found is not None
        return found

    def now(self) -> float:
        return self.time

    def app(self, jobs: Jobs | None = None, hooks: Hooks = NO_HOOKS) -> App:
        found = jobs or self.jobs

        def routes(predictions: Predictions) -> Mapping[str, Endpoint]:
            return Front(lambda: found, self.rules, predictions, self.now).endpoints()

        return App(self.service, hooks=hooks._replace(jobs=routes))

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] = KEY,
        *,
        jobs: Jobs | None = None,
    ) -> Reply:
        return self.app(jobs).answer(Request(method, path, headers, body))

    def take(self, path: str = JOBS, body: bytes | None = None, **headers: str) -> dict[str, Any]:
        """Of a job that is taken, what is told of it."""
        named = {name.replace("_", "-"): told for name, told in headers.items()}
        came = self.ask("POST", path, v2() if body is None else body, {**KEY, **named})
        assert came.status == 202, came.body
        told: dict[str, Any] = orjson.loads(came.body)
        return told

    def look(self, job_id: str) -> dict[str, Any]:
        came = self.ask("GET", f"{JOBS}/{job_id}")
        assert came.status == 200, came.body
        told: dict[str, Any] = orjson.loads(came.body)
        return told

    def worker(
        self, jobs: Jobs | None = None, load: Callable[[Settings], Service] | None = None
    ) -> Worker:
        settings = Settings(
            model="tiny", model_version=1, digest=scaled().digest, store="",
            limits=self.rules.limits(self.service.limits),
        )  # fmt: skip
        services = Services(settings, load or (lambda told: service_of(limits=told.limits)))
        return Worker(jobs or self.jobs, services, lambda _: self.evidence, self.now)

    def work(self, job_id: str, *, last: bool = False, jobs: Jobs | None = None) -> float | None:
        return self.worker(jobs).work(job_id, Turn(LEASE, last))

    def result(self, job_id: str) -> bytes:
        """What the link of a job that succeeded leads to."""
        told = self.look(job_id)
        assert told["status"] == "succeeded", told
        key = told["result"]["url"].removeprefix("memory://GET/")
        found = self.objects[key]
        assert len(found) == told["result"]["bytes"]
        return found


def job(**told: Any) -> Job:
    """A queued one; give only what the test is about."""
    from wherry.pinned import Pinned

    made = Job(
        id="0" * 32, owner="o", revision="r-1", status="queued", kind="infer",
        pinned=Pinned("7", 1, scaled().digest), place="p" * 32, content="c", bytes=3,
        created=1_800_000_000.0, expires=1_800_003_600.0,
    )  # fmt: skip
    return msgspec.structs.replace(made, **told)
