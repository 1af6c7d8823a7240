"""When who waits for a job is told to look again."""

import orjson

from tests.support.jobs import JOBS, KEY, World
from tests.support.requests_v2 import request


def test_who_waits_is_told_when_to_look_again() -> None:
    world = World()
    told = world.take()
    ages = {0: "1", 7: "1", 15: "1", 16: "2", 100: "12", 239: "29", 240: "30", 3000: "30"}

    before = world.time
    for age, seconds in ages.items():
        world.time = before + age
        assert world.ask("GET", told["url"]).headers["retry-after"] == seconds
    world.work(told["id"])
    assert "retry-after" not in world.ask("GET", told["url"]).headers


def test_an_upload_is_nothing_that_a_worker_has_taken_long_for() -> None:
    world = World()
    came = world.ask("POST", JOBS, b"", {**KEY, "x-wherry-upload": str(len(request()))})
    told = orjson.loads(came.body)
    assert "retry-after" not in came.headers  # nothing comes of it by itself

    world.time += 800
    world.objects[world.job(told["id"]).input] = request()
    started = world.ask("POST", told["url"])

    assert started.headers["retry-after"] == "1"
    world.time += 80
    assert world.ask("GET", told["url"]).headers["retry-after"] == "10"
