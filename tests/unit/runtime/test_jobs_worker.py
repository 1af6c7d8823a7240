"""What a worker makes of a job: its result, its failure, or another attempt."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.jobs import JOBS, LEASE, World
from tests.support.onnx_models import scaled
from tests.support.requests_v2 import outputs_of
from tests.support.services import service_of
from wherry.errors import CloudError, IntegrityError, ModelError
from wherry.jobs.store import moved
from wherry.jobs.work import MARGIN, Turn
from wherry.release import Release
from wherry.service import Service
from wherry.settings import Settings


def failing(error: Exception) -> Callable[[Settings], Service]:
    """Services cannot be loaded."""

    def load(_: Settings) -> Service:
        raise error

    return load


def test_a_job_is_done_and_its_evidence_has_its_id() -> None:
    world = World()
    told = world.take()

    assert world.work(told["id"]) is None

    assert outputs_of(world.result(told["id"]))["prediction"] == [[20]]
    (line,) = world.evidence.predictions
    assert (line.id, line.status, line.rows) == (told["id"], 200, 1)
    assert len(world.objects) == 1  # the input is not needed any more


def test_the_release_that_took_a_job_answers_it() -> None:
    world = World()
    told = world.take()
    asked: list[Settings] = []

    def load(settings: Settings) -> Service:
        asked.append(settings)
        release = Release("tiny", settings.model_version, settings.release, settings.digest)
        return Service(scaled(), release, limits=settings.limits)

    world.worker(load=load).work(told["id"], Turn(LEASE, last=False))

    (settings,) = asked
    assert settings.digest == world.service.release.digest
    assert settings.release == world.service.release.name
    assert settings.limits.body_bytes == world.rules.most_bytes
    assert (told["version"], told["release"]) == ("1", "7")


def test_a_job_that_is_told_of_twice_is_done_once() -> None:
    world = World()
    told = world.take()

    world.work(told["id"])
    again = world.work(told["id"])

    assert again is None
    assert len(world.evidence.predictions) == 1
    assert world.job(told["id"]).attempts == 1


@pytest.mark.parametrize("job_id", ["0" * 32, "no id", ""])
def test_what_is_no_job_is_nothing_to_do(job_id: str) -> None:
    assert World().work(job_id) is None


def test_a_waiting_job_is_not_begun() -> None:
    world = World()
    told = world.take(body=b"", x_wherry_upload="7")

    assert world.work(told["id"]) is None

    assert world.look(told["id"])["status"] == "waiting"


def test_a_request_that_the_model_cannot_answer_has_failed_at_once() -> None:
    world = World()
    told = world.take(body=b"", x_wherry_upload="3")
    world.jobs.objects.put(told["upload"]["url"].removeprefix("memory://PUT/"), b"{1}", {})
    world.ask("POST", told["url"])

    assert world.work(told["id"]) is None

    failed = world.look(told["id"])
    assert (failed["status"], failed["error_status"]) == ("failed", 400)
    assert "not JSON" in failed["error"]
    assert world.objects == {}
    assert [line.status for line in world.evidence.predictions] == [400]


def test_a_result_over_what_a_job_may_have_is_a_413() -> None:
    world = World()
    told = world.take("/predict/tiny/jobs", b"[" + b",".join([b"[1,2,3,4]"] * 60_000) + b"]")

    world.work(told["id"])

    failed = world.look(told["id"])
    assert (failed["status"], failed["error_status"]) == ("failed", 413)
    assert world.objects == {}


def test_a_model_that_fails_has_failed_at_once() -> None:
    world = World()
    told = world.take()

    def load(settings: Settings) -> Service:
        service = service_of(limits=settings.limits)
        service.compute_by(Broken)
        return service

    assert world.worker(load=load).work(told["id"], Turn(LEASE, last=False)) is None

    failed = world.look(told["id"])
    assert (failed["status"], failed["error_status"]) == ("failed", 500)
    assert "its log says why" in failed["error"]


class Broken:
    def __init__(self, engine: Any) -> None:
        self.inputs, self.outputs = engine.inputs, engine.outputs

    def run(self, *_: object) -> Any:
        raise ModelError("the model", "it broke")


@pytest.mark.parametrize(
    "error",
    [CloudError("s3", "slow down"), IntegrityError("a", "b"), MemoryError(), RuntimeError("?")],
    ids=repr,
)
def test_what_may_be_better_another_time_is_tried_again(error: Exception) -> None:
    world = World()
    told = world.take()
    broken = world.worker(load=failing(error))

    with pytest.raises(type(error)):
        broken.work(told["id"], Turn(LEASE, last=False))
    assert world.look(told["id"])["status"] == "queued"
    assert world.work(told["id"]) is None

    assert world.look(told["id"])["status"] == "succeeded"
    assert world.job(told["id"]).attempts == 2


def test_after_the_last_attempt_it_has_failed_without_a_reason_that_is_ours() -> None:
    world = World()
    told = world.take()

    done = world.worker(load=failing(CloudError("s3://bucket", "denied"))).work(
        told["id"], Turn(LEASE, last=True)
    )

    assert done is None
    failed = world.look(told["id"])
    assert (failed["status"], failed["error_status"]) == ("failed", 500)
    assert "bucket" not in failed["error"]
    assert world.objects == {}


def running(world: World, *, last: bool = False) -> str:
    """A job whose attempt was killed."""
    job = world.job(world.take()["id"])
    world.jobs.records.move(
        job, moved(job, status="running", attempts=1, lease=world.time + LEASE, last=last)
    )
    return job.id


def test_while_an_attempt_may_be_at_work_there_is_no_other() -> None:
    world = World()
    job_id = running(world)

    assert world.work(job_id) == LEASE
    assert world.look(job_id)["status"] == "running"

    world.time += LEASE
    assert world.look(job_id)["status"] == "queued"
    assert world.work(job_id) is None
    assert world.look(job_id)["status"] == "succeeded"


def test_a_last_attempt_that_was_killed_has_failed_by_the_clock() -> None:
    world = World()
    job_id = running(world, last=True)

    assert world.look(job_id)["status"] == "running"
    world.time += LEASE
    failed = world.look(job_id)

    assert (failed["status"], failed["error_status"]) == ("failed", 500)
    assert "too long" in failed["error"]
    assert world.work(job_id) is None
    assert world.objects == {}


def test_an_attempt_has_its_job_a_little_longer_than_it_can_last() -> None:
    world = World()
    told = world.take()
    seen: list[float] = []

    def load(settings: Settings) -> Service:
        seen.append(world.job(told["id"]).lease)
        return service_of(limits=settings.limits)

    world.worker(load=load).work(told["id"], Turn(LEASE, last=False))

    assert seen == [world.time + LEASE + MARGIN]


@pytest.mark.parametrize("done", [False, True])
def test_an_expired_job_is_not_done_and_leaves_nothing(*, done: bool) -> None:
    world = World()
    told = world.take()
    if done:
        world.work(told["id"])
    world.time += 3600

    assert world.work(told["id"]) is None

    assert world.objects == {}
    assert world.ask("GET", f"{JOBS}/{told['id']}").status == 200
