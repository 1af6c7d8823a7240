"""Whose a job is, and when two requests are one job."""

import orjson
import pytest

from tests.support.jobs import JOBS, KEY, PLAIN, World
from tests.support.requests_v2 import features, request
from wherry.http.wire import Request

ROW = b"[[1, 2, 3, 4]]"


OTHERS: list[dict[str, str]] = [{"x-api-key": "other"}, {"x-api-key": ""}, {}]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("headers", OTHERS, ids=str)
def test_another_callers_job_is_as_one_that_never_was(method: str, headers: dict[str, str]) -> None:
    world = World()
    told = world.take()
    absent = world.ask(method, f"{JOBS}/{'0' * 32}")

    came = world.ask(method, told["url"], headers=headers)

    assert (came.status, came.body) == (absent.status, absent.body)
    assert came.status == 404
    assert world.job(told["id"]).status == "queued"
    assert len(world.objects) == 1


@pytest.mark.parametrize("told", ["..", "%2e%2e", "é" * 32, "0" * 3000, " ", "A" * 32, "0" * 32])
def test_what_is_no_id_is_not_found(told: str) -> None:
    assert World().ask("GET", f"{JOBS}/{told}").status == 404


def test_whom_the_front_has_verified_is_the_owner_whatever_the_key_says() -> None:
    world = World()
    app = world.app()

    def status(method: str, path: str, caller: str, key: str) -> tuple[int, bytes]:
        told = Request(method, path, {"x-api-key": key}, request(), caller=caller)
        came = app.answer(told)
        return came.status, came.body

    _, made = status("POST", JOBS, "arn:role", "a")
    url = orjson.loads(made)["url"]

    assert status("GET", url, "arn:role", "b")[0] == 200
    assert status("GET", url, "arn:other", "a")[0] == 404
    assert status("GET", url, "", "a")[0] == 404
    assert status("GET", url, "", "arn:role")[0] == 404


def test_no_key_and_no_name_is_kept() -> None:
    world = World()

    told = world.take()

    assert b"mine" not in repr(world.job(told["id"])).encode()


def test_the_same_key_with_the_same_request_is_the_same_job() -> None:
    world = World()
    first = world.take(idempotency_key="k")

    again = world.take(idempotency_key="k")
    world.work(first["id"])
    later = world.take(idempotency_key="k")

    assert first["id"] == again["id"] == later["id"]
    assert (again["status"], later["status"]) == ("queued", "succeeded")
    assert "result" in later
    assert len(world.objects) == 1


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        (JOBS, features(data=[1, 2, 3, 5]), {}),
        (PLAIN, ROW, {}),
        (JOBS, request(), {"accept-encoding": "gzip"}),
        (JOBS, b"", {"x-wherry-upload": "9"}),
    ],
)
def test_the_same_key_with_another_request_is_refused(
    path: str, body: bytes, headers: dict[str, str]
) -> None:
    world = World()
    world.take(idempotency_key="k")

    came = world.ask("POST", path, body, {**KEY, "idempotency-key": "k", **headers})

    assert came.status == 422
    assert len(world.objects) == 1


def test_the_same_key_of_another_caller_is_another_job() -> None:
    world = World()
    mine = world.take(idempotency_key="k")

    theirs = world.take(idempotency_key="k", x_api_key="theirs")

    assert mine["id"] != theirs["id"]


def test_a_key_is_free_again_once_its_job_has_expired() -> None:
    world = World()
    world.take(idempotency_key="k")
    world.time += 3600

    again = world.take(body=features(data=[1, 1, 1, 1]), idempotency_key="k")

    assert again["status"] == "queued"
    assert len(world.objects) == 1
