"""
Jobs under every schedule: callers and workers that fail, die, hang, come twice or think better.

What holds: a job that was taken (202) ends with its one right result or one recorded failure,
unless it was cancelled; a result that is told of is there; another's job is never seen. At the end
nothing is left of a job that was taken but its result. (What nobody was told of, an input whose job
was not taken or a DELETE without a reply, may leave an object until the bucket's rule deletes it.)
"""

from dataclasses import dataclass
from functools import partial
from random import Random

import orjson
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.proof.brokers import Broker, Held
from tests.proof.steering import Running, Steered, Turn
from tests.proof.worlds import Working
from tests.support.jobs import JOBS, KEY, LEASE, World
from tests.support.requests_v2 import request as v2
from wherry.errors import WherryError
from wherry.http.wire import Reply
from wherry.jobs.contract import seen
from wherry.jobs.settings import JobRules
from wherry.jobs.store import Jobs
from wherry.jobs.work import Turn as Attempt
from wherry.queue.messages import Message

RECORDS = ("create", "get", "move")
OBJECTS = ("put", "read", "size", "delete", "link")
OTHER = {"x-api-key": "somebody else's"}
ACCEPTED, OK, GONE, ABSENT = 202, 200, 204, 404


@dataclass
class Asked:
    """One caller's job: asked for until it was taken, by the same key each time."""

    key: str
    id: str = ""
    cancelling: bool = False
    cancelled: bool = False


class JobsQueue:
    """What the front sends to; the broker of the world delivers it."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def send(self, job_id: str) -> None:
        self._broker.send(Message(id=job_id, body=b""))


class JobsWorld(Working):
    """One model's jobs, those who ask and those who work."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(rules=JobRules(keep_hours=1000, most_mb=1))
        self.broker = Broker(visibility=6 * LEASE, most_receives=3)
        records, objects, _ = self.world.jobs
        self.world.jobs = Jobs(records, objects, JobsQueue(self.broker))
        self.steered = Jobs(
            Steered(records, *RECORDS),
            Steered(objects, *OBJECTS),
            Steered(self.world.jobs.queue, "send"),
        )
        self.worker = self.world.worker(self.steered)
        self.asked: list[Asked] = []

    @initialize()
    def begin(self) -> None:
        """Without a job no schedule says much."""
        self.ask([])

    @rule(turns=st.lists(st.sampled_from([Turn.works, *Turn]), max_size=5))
    def ask(self, turns: list[Turn]) -> None:
        """The reply may be lost; then it is asked for again, or given up."""
        wanted = Asked(f"key-{len(self.asked)}")
        self.asked.append(wanted)
        asking = Running(lambda: self._create(wanted, self.steered))
        asking.steps(turns)
        asking.finish() if len(turns) % 2 == 0 else asking.kill()

    @precondition(lambda self: self.asked)
    @rule(which=st.integers(0, 9))
    def ask_again(self, which: int) -> None:
        wanted = self.asked[which % len(self.asked)]
        first = wanted.id
        self._create(wanted, self.world.jobs)
        assert first in ("", wanted.id)

    @precondition(lambda self: self.taken)
    @rule(which=st.integers(0, 9), turns=st.lists(st.sampled_from(Turn), max_size=4))
    def cancel(self, which: int, turns: list[Turn]) -> None:
        wanted = self.taken[which % len(self.taken)]
        wanted.cancelling = True
        cancelling = Running(lambda: self._cancel(wanted, self.steered))
        cancelling.steps(turns)
        cancelling.kill()
        if turns.count(Turn.works) % 2:
            self._cancel(wanted, self.world.jobs)

    @precondition(lambda self: self.has_room)
    @rule(seed=st.integers(0, 9))
    def receive(self, seed: int) -> None:
        for held in self.broker.receive(1, Random(seed)):  # noqa: S311
            self.running.append(Running(partial(self._invoke, held)))

    @rule(seconds=st.sampled_from([1.0, 2 * LEASE, 7 * LEASE]))
    def wait(self, seconds: float) -> None:
        """A worker whose lease is over may wake again, and go on."""
        self._pass(seconds)

    @invariant()
    def a_result_that_is_told_is_there(self) -> None:
        for each in self.taken:
            job = self.world.jobs.records.get(each.id)
            if job is not None and job.status == "succeeded" and job.result is not None:
                assert len(self.world.objects[job.result.key]) == job.result.bytes

    def teardown(self) -> None:
        """Nothing goes wrong any more: then all that was taken comes to its end."""
        for working in self.running:
            working.finish()
        for each in self.asked:
            if not each.id:
                self._create(each, self.world.jobs)
        for each in [one for one in self.asked if one.cancelled]:
            self._cancel(each, self.world.jobs)
        for method in ("GET", "POST", "DELETE"):
            reply = self.world.ask(method, f"{JOBS}/{self.asked[0].id}", b"", OTHER)
            assert reply.status == ABSENT
        for _ in range(10 * (len(self.broker.held) + len(self.broker.dead)) + 10):
            self._pass(7 * LEASE)
            self.broker.redrive()
            for held in self.broker.receive(10, Random(0)):  # noqa: S311
                self._invoke(held)
        assert not self.broker.held
        assert not self.broker.dead
        results = {key for each in self.asked for key in self._checked(each)}
        told = [each for each in self.asked if each.cancelled or not each.cancelling]
        places = tuple(self.world.job(each.id).place for each in told)
        left = {key for key in self.world.objects if places and key.startswith(places)}
        assert left <= results <= set(self.world.objects)

    def _checked(self, asked: Asked) -> set[str]:
        """What is to be left of it."""
        job = seen(self.world.job(asked.id), self.world.now())
        if asked.cancelled or (asked.cancelling and job.status == "cancelled"):
            assert job.status == "cancelled"
            return set()
        assert job.status in ("succeeded", "failed")
        if job.status == "failed":
            return set()
        assert job.result is not None
        answer = orjson.loads(self.world.objects[job.result.key])
        wanted = orjson.loads(self.world.service.infer(v2()).body)
        assert answer["outputs"] == wanted["outputs"]
        return {job.result.key}

    @property
    def taken(self) -> list[Asked]:
        return [each for each in self.asked if each.id]

    def _pass(self, seconds: float) -> None:
        self.world.time += seconds
        self.broker.now += seconds

    def _create(self, wanted: Asked, jobs: Jobs) -> None:
        headers = {**KEY, "idempotency-key": wanted.key}
        reply = self.world.ask("POST", JOBS, v2(), headers, jobs=jobs)
        if reply.status == ACCEPTED:
            wanted.id = _told(reply)

    def _cancel(self, wanted: Asked, jobs: Jobs) -> None:
        if self.world.ask("DELETE", f"{JOBS}/{wanted.id}", jobs=jobs).status == GONE:
            wanted.cancelled = True

    def _invoke(self, held: Held) -> None:
        last = held.receives >= self.broker.most_receives
        try:
            again = self.worker.work(held.message.id, Attempt(LEASE, last))
        except WherryError:
            return self.broker.give_back(held)
        if again is None:
            return self.broker.delete(held)
        held.visible_at = self.broker.now + again
        return None


def _told(reply: Reply) -> str:
    told: str = orjson.loads(reply.body)["id"]
    return told
