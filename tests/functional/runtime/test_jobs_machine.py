"""
Any schedule of callers, workers, deaths, refusals, duplicates and clocks: in the end each job that
was taken has one result, one failure or its erasure, and nothing else is left of any.
"""

from contextlib import suppress

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from tests.support.jobs import JOBS, KEY, LEASE, At, DiedError, World, die
from tests.support.requests_v2 import outputs_of, request
from wherry.errors import CloudError
from wherry.jobs.store import Jobs
from wherry.jobs.work import MARGIN

RECEIVES = 3
ATTEMPTS = 20
points = st.integers(1, 14)
messages = st.integers(0, 3)
ENDS = {"succeeded", "failed", "cancelled"}


def refuse() -> None:
    raise CloudError("AWS", "slow down")


troubles = st.sampled_from([die, refuse])


class Machine(RuleBasedStateMachine):
    """Messages are delivered at least once, in any order, and again until acknowledged."""

    jobs = Bundle("jobs")
    uploads = Bundle("uploads")

    @initialize(target=jobs)
    def begin(self) -> object:
        self.world = World()
        self.receives: dict[int, int] = {}
        self.done: set[int] = set()
        self.erased: set[str] = set()
        self.bad: set[str] = set()
        return multiple(*(str(self.world.take()["id"]) for _ in range(2)))

    @rule(target=jobs)
    def take(self) -> str:
        return str(self.world.take()["id"])

    @rule(target=jobs, key=st.sampled_from("ab"), point=points, trouble=troubles)
    def take_by_key(self, key: str, point: int, trouble: object) -> object:
        """The reply may be lost: then it is asked again."""
        with suppress(DiedError):
            self._ask("POST", JOBS, request(), key=key, jobs=self._troubled(point, trouble))
        found = self.world.take(idempotency_key=key)
        return multiple(str(found["id"]))

    @rule(target=uploads)
    def announce(self) -> str:
        return str(self.world.take(body=b"", x_wherry_upload=str(len(request())))["id"])

    @rule(target=jobs, job_id=consumes(uploads), point=points, trouble=troubles, good=st.booleans())
    def upload_and_start(self, job_id: str, point: int, trouble: object, *, good: bool) -> str:
        """What is uploaded is a request, or as many bytes of nothing."""
        job = self.world.job(job_id)
        body = request() if good else bytes(len(request()))
        self.world.jobs.objects.put(job.input, body, {})
        if not good:
            self.bad.add(job_id)
        with suppress(DiedError):
            self._ask("POST", f"{JOBS}/{job_id}", jobs=self._troubled(point, trouble))
        assert self.world.ask("POST", f"{JOBS}/{job_id}").status == 202
        return job_id

    @rule(job_id=jobs, point=points, trouble=troubles)
    def erase(self, job_id: str, point: int, trouble: object) -> None:
        with suppress(DiedError):
            self._ask("DELETE", f"{JOBS}/{job_id}", jobs=self._troubled(point, trouble))
        assert self.world.ask("DELETE", f"{JOBS}/{job_id}").status == 204
        self.erased.add(job_id)

    @rule(number=messages, point=points, trouble=troubles)
    def deliver_into_trouble(self, number: int, point: int, trouble: object) -> None:
        self._deliver(number, self._troubled(point, trouble))
        self.world.time += LEASE + MARGIN

    @rule(number=messages)
    def deliver(self, number: int) -> None:
        self._deliver(number, None)

    @rule(number=messages, point=points, other=messages)
    def deliver_two_at_once(self, number: int, point: int, other: int) -> None:
        def between() -> None:
            self.world.time += LEASE + MARGIN
            self._deliver(other, None)

        self._deliver(number, At(point, between).jobs(self.world.jobs))

    @rule(number=messages, point=points, job_id=jobs)
    def erase_while_it_is_done(self, number: int, point: int, job_id: str) -> None:
        def between() -> None:
            assert self.world.ask("DELETE", f"{JOBS}/{job_id}").status == 204
            self.erased.add(job_id)

        self._deliver(number, At(point, between).jobs(self.world.jobs))

    @rule(seconds=st.sampled_from([1.0, LEASE, LEASE + MARGIN]))
    def wait(self, seconds: float) -> None:
        self.world.time += seconds

    @invariant()
    def what_was_erased_stays_erased(self) -> None:
        for job_id in self.erased:
            assert self.world.job(job_id).status == "cancelled"

    def teardown(self) -> None:
        """All messages come until they are acknowledged, or laid aside."""
        if not hasattr(self, "world"):
            return
        for number in range(len(self.world.queue.sent)):
            for _ in range(ATTEMPTS):
                if number in self.done:
                    break
                self.world.time += LEASE + MARGIN
                self._deliver(number, None)
            assert number in self.done
        left: set[str] = set()
        for job in list(self.world.jobs.records.kept.values()):  # type: ignore[attr-defined] # the fake's
            told = self.world.look(job.id)
            if told["status"] == "waiting":
                continue
            assert told["status"] in ENDS
            assert (told["status"] == "cancelled") == (job.id in self.erased)
            if told["status"] == "succeeded":
                assert job.id not in self.bad
                assert outputs_of(self.world.result(job.id))["prediction"] == [[20]]
                left.add(told["result"]["url"].removeprefix("memory://GET/"))
        assert set(self.world.objects) - self.orphans() == left

    def orphans(self) -> set[str]:
        """Inputs of requests that died before there was a job: these go by their age."""
        named = {job.place for job in self.world.jobs.records.kept.values()}  # type: ignore[attr-defined] # the fake's
        return {key for key in self.world.objects if key.partition("/")[0] not in named}

    def _ask(self, method: str, path: str, body: bytes = b"", *, key: str = "", jobs: Jobs) -> None:
        headers = {**KEY, **({"idempotency-key": key} if key else {})}
        assert self.world.ask(method, path, body, headers, jobs=jobs).status < 600

    def _troubled(self, point: int, trouble: object) -> Jobs:
        return At(point, trouble).jobs(self.world.jobs)  # type: ignore[arg-type] # one of `troubles`

    def _deliver(self, number: int, jobs: Jobs | None) -> None:
        """One message, whether acknowledged before or not."""
        sent = self.world.queue.sent
        if not sent:
            return
        number %= len(sent)
        receive = self.receives[number] = self.receives.get(number, 0) + 1
        if receive > ATTEMPTS and number not in self.done:
            raise AssertionError(f"{sent[number]} is never done")
        try:
            told = self.world.work(sent[number], last=receive >= RECEIVES, jobs=jobs)
        except (DiedError, CloudError):
            return
        if told is None:
            self.done.add(number)


TestAnySchedule = Machine.TestCase
TestAnySchedule.settings = settings(
    max_examples=200,
    stateful_step_count=20,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
