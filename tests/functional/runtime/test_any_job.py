"""Whatever comes as a job, or as its input, is refused or answered: none of it is our failure."""

from collections.abc import Mapping
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.jobs import JOBS, PLAIN, World
from tests.support.requests_v2 import request

PATHS = (JOBS, PLAIN, "/v2/models/tiny/versions/1/jobs", "/v2/models/x/jobs", f"{JOBS}/{'0' * 32}")
GOOD = (request(), b"[[1,2,3,4]]", b"f0,f1,f2,f3\n1,2,3,4\n", b"")
texts = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=40)
words = st.sampled_from(
    [
        "",
        "0",
        "1",
        "11",
        "97",
        "99999999999",
        "-1",
        "gzip",
        "deflate",
        "text/csv",
        "*/*",
        "image/png",
    ]
)
headers = st.dictionaries(
    st.sampled_from(
        [
            "content-type", "content-encoding", "accept", "accept-encoding", "idempotency-key",
            "x-wherry-upload", "inference-header-content-length", "x-api-key", "host",
        ]
    ),
    words | texts,
)  # fmt: skip
bodies = st.sampled_from(GOOD) | st.binary(max_size=200)

many = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


def ended(world: World, told: Mapping[str, Any], named: Mapping[str, str]) -> Mapping[str, Any]:
    """What becomes of a job, with whatever was uploaded."""
    world.work(told["id"])
    came = world.ask("GET", told["url"], headers=named)
    assert came.status == 200
    found: Mapping[str, Any] = orjson.loads(came.body)
    return found


@many
@given(st.sampled_from(PATHS), bodies, headers)
def test_any_request_for_a_job_is_taken_or_refused(
    path: str, body: bytes, named: dict[str, str]
) -> None:
    world = World()

    came = world.ask("POST", path, body, named)

    assert came.status in (202, 400, 404, 413), came.body
    told = orjson.loads(came.body)
    if came.status != 202:
        assert told["error"]
        assert world.objects == {}
        return
    found = ended(world, told, named)
    assert found["status"] in ("waiting", "succeeded", "failed")
    assert found.get("error_status", 400) < 500


@many
@given(st.sampled_from(PATHS[:2]), st.binary(min_size=1, max_size=200), headers)
def test_any_upload_is_answered_or_has_failed_by_its_own_fault(
    path: str, body: bytes, named: dict[str, str]
) -> None:
    world, named = World(), {**named, "x-wherry-upload": str(len(body))}
    came = world.ask("POST", path, b"", named)
    if came.status != 202:
        assert came.status == 400
        return
    told = orjson.loads(came.body)
    world.jobs.objects.put(told["upload"]["url"].removeprefix("memory://PUT/"), body, {})

    assert world.ask("POST", told["url"], headers=named).status == 202

    found = ended(world, told, named)
    assert found["status"] in ("succeeded", "failed")
    assert found.get("error_status", 400) < 500
