"""
Whoever dies between any two calls, or is overtaken there: a job has one result or is cancelled, and
nothing else is left of it.
"""

from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.support.jobs import JOBS, KEY, LEASE, At, DiedError, World, die
from tests.support.requests_v2 import outputs_of, request
from wherry.errors import CloudError
from wherry.jobs.work import MARGIN

POINTS = range(1, 20)  # there are as many, and a few more
MOST_ATTEMPTS = 5


def finish(world: World) -> None:
    """Deliver again what was sent and not acknowledged, as SQS does, until it is done."""
    for job_id in list(world.queue.sent):
        for _ in range(MOST_ATTEMPTS):
            if world.work(job_id) is None:
                break
            world.time += LEASE + MARGIN
        else:
            raise AssertionError(f"{job_id} is never done")


def has_one_result(world: World, job_id: str) -> bool:
    assert outputs_of(world.result(job_id))["prediction"] == [[20]]
    return len(world.objects) == 1


@pytest.mark.parametrize("point", POINTS)
def test_a_caller_whose_reply_is_lost_asks_again_and_has_one_job(point: int) -> None:
    world, at = World(), At(point, die)
    headers = {**KEY, "idempotency-key": "k"}
    try:
        world.ask("POST", JOBS, request(), headers, jobs=at.jobs(world.jobs))
    except DiedError:
        assert at.came

    told = world.take(idempotency_key="k")
    finish(world)

    assert has_one_result(world, told["id"]) or at.came
    assert world.look(told["id"])["status"] == "succeeded"


@pytest.mark.parametrize("point", POINTS)
def test_a_start_that_is_lost_is_started_again(point: int) -> None:
    world, at, body = World(), At(point, die), request()
    told = world.take(body=b"", x_wherry_upload=str(len(body)))
    world.jobs.objects.put(told["upload"]["url"].removeprefix("memory://PUT/"), body, {})
    try:
        world.ask("POST", told["url"], jobs=at.jobs(world.jobs))
    except DiedError:
        assert at.came

    assert world.ask("POST", told["url"]).status == 202
    finish(world)

    assert has_one_result(world, told["id"])


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_that_dies_is_followed_by_another(point: int, times: int) -> None:
    world = World()
    told = world.take()
    for _ in range(times):
        try:
            world.work(told["id"], jobs=At(point, die).jobs(world.jobs))
        except DiedError:
            world.time += LEASE + MARGIN

    finish(world)

    assert has_one_result(world, told["id"])
    assert len(world.evidence.predictions) <= 1


def refuse() -> None:
    raise CloudError("AWS", "slow down")


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_whom_aws_refuses_leaves_no_doubt(point: int, last: bool) -> None:  # noqa: FBT001 - of pytest
    world, at = World(), At(point, refuse)
    told = world.take()
    try:
        done = world.work(told["id"], last=last, jobs=at.jobs(world.jobs))
    except CloudError:
        done = 0.0

    if done is not None:
        finish(world)

    if world.look(told["id"])["status"] == "succeeded":
        assert has_one_result(world, told["id"])
    else:
        assert last
        assert world.look(told["id"])["status"] == "failed"
        assert world.objects == {}


def erase(world: World, job_id: str) -> Callable[[], None]:
    def go() -> None:
        assert world.ask("DELETE", f"{JOBS}/{job_id}").status == 204

    return go


@pytest.mark.parametrize("point", POINTS)
def test_a_job_that_is_erased_while_it_is_done_leaves_nothing(point: int) -> None:
    world = World()
    told = world.take()
    at = At(point, erase(world, told["id"]))

    world.work(told["id"], jobs=at.jobs(world.jobs))
    if not at.came:
        erase(world, told["id"])()

    assert world.objects == {}
    assert world.look(told["id"])["status"] == "cancelled"
    finish(world)
    assert world.objects == {}


@pytest.mark.parametrize("dies", [0, 1, 2, 3])
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_that_dies_after_its_job_was_erased_leaves_nothing(point: int, dies: int) -> None:
    world = World()
    told = world.take()
    erased = At(point, erase(world, told["id"])).jobs(world.jobs)
    try:
        world.work(told["id"], jobs=At(point + dies, die).jobs(erased))
    except DiedError:
        world.time += LEASE + MARGIN

    erase(world, told["id"])()
    finish(world)

    assert world.objects == {}


@pytest.mark.parametrize("point", POINTS)
def test_an_erasure_that_is_lost_is_asked_again(point: int) -> None:
    world = World()
    told = world.take()
    world.work(told["id"])
    with suppress(DiedError):
        world.ask("DELETE", told["url"], jobs=At(point, die).jobs(world.jobs))

    erase(world, told["id"])()

    assert world.objects == {}


@pytest.mark.parametrize("point", POINTS)
def test_two_workers_at_once_make_one_result(point: int) -> None:
    """The second comes when the first has outlived its lease, and goes on all the same."""
    world = World()
    told = world.take()

    def another() -> None:
        world.time += LEASE + MARGIN
        world.work(told["id"])

    world.work(told["id"], jobs=At(point, another).jobs(world.jobs))
    finish(world)

    assert has_one_result(world, told["id"])
    assert len(world.evidence.predictions) == 1


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("dies", range(1, 12))
def test_who_is_overtaken_by_one_that_dies_does_not_acknowledge(point: int, dies: int) -> None:
    world = World()
    told = world.take()

    def another() -> None:
        world.time += LEASE + MARGIN
        with suppress(DiedError):
            world.work(told["id"], jobs=At(dies, die).jobs(world.jobs))

    acknowledged = world.work(told["id"], jobs=At(point, another).jobs(world.jobs)) is None

    assert world.look(told["id"])["status"] == "succeeded" or not acknowledged
    world.time += LEASE + MARGIN
    finish(world)
    assert has_one_result(world, told["id"])


@pytest.mark.parametrize("point", POINTS)
def test_two_requests_with_one_key_at_once_are_one_job(point: int) -> None:
    world = World()
    other: list[str] = []

    def another() -> None:
        other.append(world.take(idempotency_key="k")["id"])

    headers = {**KEY, "idempotency-key": "k"}
    came = world.ask("POST", JOBS, request(), headers, jobs=At(point, another).jobs(world.jobs))
    another()

    assert came.status == 202
    assert set(other) == {world.take(idempotency_key="k")["id"]}
    finish(world)
    assert has_one_result(world, other[0])
