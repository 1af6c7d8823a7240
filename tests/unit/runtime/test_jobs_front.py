"""What the routes of jobs take, refuse, tell and erase."""

import gzip
from typing import Any

import orjson
import pytest

from tests.support.jobs import JOBS, KEY, PLAIN, World
from tests.support.requests_v2 import features, outputs_of, request
from tests.support.services import service_of
from wherry.http import App
from wherry.http.wire import Request
from wherry.limits import Limits

ROW = b"[[1, 2, 3, 4]]"


def error(body: bytes) -> str:
    told: str = orjson.loads(body)["error"]
    return told


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
@pytest.mark.parametrize("path", [JOBS, PLAIN, f"{JOBS}/{'0' * 32}"])
def test_without_jobs_their_paths_do_not_exist(method: str, path: str) -> None:
    reply = App(service_of()).answer(Request(method, path, {}, request()))

    assert reply.status == 404
    assert b"see GET /v2" in reply.body


@pytest.mark.parametrize(
    ("path", "body", "back"),
    [
        (JOBS, request(), "../../../v2/models/tiny/jobs/"),
        ("/v2/models/tiny/versions/1/jobs", request(), "../../../../../v2/models/tiny/jobs/"),
        (PLAIN, ROW, "../../v2/models/tiny/jobs/"),
    ],
)
def test_a_job_is_taken_with_the_headers_of_a_prediction(path: str, body: bytes, back: str) -> None:
    world = World()

    came = world.ask("POST", path, body)

    told = orjson.loads(came.body)
    assert came.status == 202
    assert (told["status"], told["model"], told["version"]) == ("queued", "tiny", "1")
    assert told["url"] == f"{JOBS}/{told['id']}"
    assert came.headers["location"] == back + told["id"]
    assert came.headers["x-wherry-prediction-id"] == told["id"]
    assert came.headers["x-wherry-digest"] == world.service.release.digest
    assert world.queue.sent == [told["id"]]


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        (JOBS, b"", {}, 400),
        (JOBS, b"{", {}, 400),
        (JOBS, features(shape=[1, 3]), {}, 400),
        (JOBS, request(), {"content-encoding": "br"}, 400),
        (JOBS, request(), {"accept": "\ud800"}, 400),
        (JOBS, request(), {"inference-header-content-length": "x"}, 400),
        (PLAIN, b"[[1, 2]]", {}, 400),
        (PLAIN, b"a,b\n1,2\n", {"content-type": "text/csv"}, 400),
        ("/v2/models/other/jobs", request(), {}, 404),
        ("/v2/models/tiny/versions/2/jobs", request(), {}, 404),
        ("/predict/other/jobs", ROW, {}, 404),
        (JOBS, request(), {"x-wherry-upload": "10"}, 400),
        (JOBS, b"", {"x-wherry-upload": ""}, 400),
        (JOBS, b"", {"x-wherry-upload": "0"}, 400),
        (JOBS, b"", {"x-wherry-upload": "-1"}, 400),
        (JOBS, b"", {"x-wherry-upload": "1e3"}, 400),
        (JOBS, b"", {"x-wherry-upload": "٣"}, 400),
        (JOBS, b"", {"x-wherry-upload": "9" * 5000}, 400),
        (JOBS, b"", {"x-wherry-upload": str(1024 * 1024 + 1)}, 413),
        (JOBS, request(), {"idempotency-key": ""}, 400),
        (JOBS, request(), {"idempotency-key": "k" * 256}, 400),
        (JOBS, request(), {"idempotency-key": "a\x00b"}, 400),
    ],
)
def test_what_is_wrong_is_told_at_once_and_nothing_is_kept(
    path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    world = World()

    came = world.ask("POST", path, body, {**KEY, **headers})

    assert came.status == status, came.body
    assert error(came.body)
    assert (world.objects, world.queue.sent) == ({}, [])


def test_a_body_over_the_limit_of_a_request_is_to_be_uploaded() -> None:
    world = World(limits=Limits(body_bytes=10))

    came = world.ask("POST", JOBS, request())

    assert came.status == 413
    assert world.objects == {}


def test_what_is_too_large_for_one_answer_is_a_job_all_the_same() -> None:
    world = World(limits=Limits(elements=2, answer_bytes=10))

    told = world.take()
    world.work(told["id"])

    assert outputs_of(world.result(told["id"]))["prediction"] == [[20]]


def test_an_input_that_was_announced_is_waited_for() -> None:
    world = World()

    told = world.take(body=b"", x_wherry_upload="7")

    assert told["status"] == "waiting"
    assert told["upload"]["bytes"] == 7
    assert (told["upload"]["method"], world.queue.sent) == ("PUT", [])


def upload(world: World, told: dict[str, Any], body: bytes) -> None:
    key = told["upload"]["url"].removeprefix("memory://PUT/")
    world.jobs.objects.put(key, body, {})


def test_a_job_starts_once_its_input_is_there() -> None:
    world, body = World(), request()
    told = world.take(body=b"", x_wherry_upload=str(len(body)))
    path = told["url"]

    assert world.ask("POST", path).status == 409
    upload(world, told, body + b" ")
    longer = world.ask("POST", path)
    assert (longer.status, world.objects) == (409, {})
    assert f"{len(body)} announced" in error(longer.body)
    upload(world, told, body)
    started = world.ask("POST", path)

    assert (started.status, orjson.loads(started.body)["status"]) == (202, "queued")
    assert world.queue.sent == [told["id"]]
    world.work(told["id"])
    assert outputs_of(world.result(told["id"]))["prediction"] == [[20]]


def test_an_input_that_was_changed_after_the_start_is_not_read() -> None:
    world, body = World(), request()
    told = world.take(body=b"", x_wherry_upload=str(len(body)))
    upload(world, told, body)
    world.ask("POST", told["url"])
    upload(world, told, body * 2)

    world.work(told["id"])

    failed = world.look(told["id"])
    assert (failed["status"], failed["error_status"]) == ("failed", 400)
    assert world.objects == {}


def test_a_queued_job_that_is_started_again_is_only_sent_again() -> None:
    """So that a caller can go on whose first start was lost on its way to the queue."""
    world = World()
    told = world.take()

    again = world.ask("POST", told["url"])

    assert again.status == 202
    assert world.queue.sent == [told["id"]] * 2


@pytest.mark.parametrize(
    ("end", "status"), [("succeeded", 202), ("failed", 202), ("cancelled", 409), ("expired", 409)]
)
def test_a_start_is_told_again_unless_what_it_started_is_gone(end: str, status: int) -> None:
    """A caller who lost the reply asks again, and the job may have been done meanwhile."""
    world = World()
    told = world.take()
    match end:
        case "succeeded":
            world.work(told["id"])
        case "failed":
            world.objects.clear()
            world.work(told["id"])
        case "cancelled":
            world.ask("DELETE", told["url"])
        case _:
            world.time += 3600
    sent = len(world.queue.sent)

    came = world.ask("POST", told["url"])

    assert world.look(told["id"])["status"] == end
    assert (came.status, end in str(orjson.loads(came.body))) == (status, True)
    assert len(world.queue.sent) == sent


def test_an_erased_job_leaves_a_word_and_no_object() -> None:
    world = World()
    told = world.take(accept="text/csv")

    first = world.ask("DELETE", told["url"])
    again = world.ask("DELETE", told["url"])

    assert (first.status, first.body, again.status) == (204, b"", 204)
    assert world.look(told["id"])["status"] == "cancelled"
    assert world.objects == {}
    left = world.job(told["id"])
    assert (left.content, left.headers, left.result) == ("", {}, None)


def test_the_result_of_an_erased_job_is_gone_too() -> None:
    world = World()
    told = world.take()
    world.work(told["id"])

    world.ask("DELETE", told["url"])

    assert world.objects == {}
    assert "result" not in world.look(told["id"])


def test_a_job_expires_by_the_clock() -> None:
    world = World()
    told = world.take()
    world.work(told["id"])

    world.time += 3599
    assert world.look(told["id"])["status"] == "succeeded"
    world.time += 1
    gone = world.look(told["id"])

    assert gone["status"] == "expired"
    assert "result" not in gone


def test_a_compressed_request_is_checked_too() -> None:
    world = World()

    came = world.ask("POST", JOBS, gzip.compress(b"{"), {**KEY, "content-encoding": "gzip"})

    assert came.status == 400
