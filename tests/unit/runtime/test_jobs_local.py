"""Jobs of one server: its links, its thread, and what it finds when it starts again."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.binary_v2 import binary, binary_request
from tests.support.jobs import JOBS, KEY, PLAIN
from tests.support.requests_v2 import outputs_of, request
from tests.support.services import published
from wherry.errors import UsageError
from wherry.http import App
from wherry.http.hooks import Hooks
from wherry.jobs.local import LocalJobs
from wherry.jobs.settings import JobRules
from wherry.jobs.store import moved
from wherry.limits import Limits
from wherry.service import load_service
from wherry.settings import Settings

MOST = JobRules(most_mb=64)


class Local:
    """A server's app over jobs in a directory, on a clock of its own."""

    def __init__(self, folder: Path, rules: JobRules = MOST) -> None:
        self.time = 1_800_000_000.0
        self.local = LocalJobs(folder / "jobs", rules, lambda: self.time)
        self.settings = Settings.from_environment(published(folder / "store"))
        app = App(load_service(self.settings), hooks=Hooks(jobs=self.local.routes))
        self.app = self.local.around(app)

    def ask(self, method: str, url: str, body: bytes = b"", **headers: str) -> httpx.Response:
        told = {**KEY, **{name.replace("_", "-"): value for name, value in headers.items()}}

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://here:1") as client:
                return await client.request(method, url, content=body or None, headers=told)

        return asyncio.run(go())

    def work(self) -> None:
        """Do all that is there."""
        worker = self.local.worker(self.settings)
        while self.local.do_next(worker):
            pass

    def look(self, url: str) -> dict[str, Any]:
        told: dict[str, Any] = self.ask("GET", url).json()
        return told


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Local]:
    local = Local(tmp_path)
    with closing(local.local):
        yield local


def test_the_thread_does_what_was_queued(here: Local) -> None:
    told = here.ask("POST", JOBS, request()).json()

    here.work()

    result = here.look(told["url"])["result"]
    assert result["url"].startswith("http://here:1/")
    came = here.ask("GET", result["url"])
    assert outputs_of(came.content)["prediction"] == [[20]]
    assert came.headers["content-type"] == "application/json"
    assert int(came.headers["content-length"]) == result["bytes"]


def test_an_input_larger_than_a_request_goes_by_its_link(here: Local) -> None:
    data = bytes(6_000_000 * 4)
    body, length = binary_request(
        binary("features", "FP32", [1_500_000, 4], data), outputs=[{"name": "prediction"}],
        parameters={"binary_data_output": True},
    )  # fmt: skip
    told = here.ask(
        "POST", JOBS, x_wherry_upload=str(len(body)), inference_header_content_length=str(length)
    ).json()

    assert here.ask("POST", told["url"]).status_code == 409
    assert here.ask("PUT", told["upload"]["url"], body).status_code == 200
    assert here.ask("POST", told["url"]).status_code == 202
    here.work()

    result = here.look(told["url"])["result"]
    head = int(result["headers"]["inference-header-content-length"])
    assert here.ask("GET", result["url"]).content[head:] == bytes(1_500_000 * 4)
    assert len(body) > Limits().body_bytes


@pytest.mark.parametrize("body", [b"12345678", b""])
def test_what_is_not_as_long_as_was_announced_is_not_begun(here: Local, body: bytes) -> None:
    told = here.ask("POST", JOBS, x_wherry_upload="7").json()

    status = here.ask("PUT", told["upload"]["url"], body).status_code

    assert status == (413 if body else 200)
    assert here.ask("POST", told["url"]).status_code == 409
    assert here.look(told["url"])["status"] == "waiting"


def test_a_link_is_good_for_its_time_its_job_and_its_method_alone(here: Local) -> None:
    told = here.ask("POST", JOBS, x_wherry_upload="7").json()
    other = here.ask("POST", JOBS, x_wherry_upload="7").json()
    url = told["upload"]["url"]

    def status(address: str, method: str = "PUT") -> int:
        return here.ask(method, address, b"1234567" if method == "PUT" else b"").status_code

    assert status(url) == 200
    assert status(url.replace(told["id"], other["id"])) == 403
    assert status(url.replace("/input/", "/result/"), "GET") == 403
    assert status(url[:-1] + ("0" if url[-1] != "0" else "1")) == 403
    assert status(f"{told['url']}/input/1-2") == 403
    assert status(f"{told['url']}/input/-") == 403
    here.time += 15 * 60
    assert status(url) == 403


def test_an_upload_is_over_once_the_job_was_started_or_erased(here: Local) -> None:
    told = here.ask("POST", JOBS, x_wherry_upload=str(len(request()))).json()
    here.ask("PUT", told["upload"]["url"], request())
    here.ask("POST", told["url"])

    assert here.ask("PUT", told["upload"]["url"], request()).status_code == 409
    here.ask("DELETE", told["url"])
    assert here.ask("PUT", told["upload"]["url"], request()).status_code == 409
    assert list(here.local.objects.path("").iterdir()) == []


def test_what_a_caller_breaks_off_is_not_kept(here: Local) -> None:
    told = here.ask("POST", JOBS, x_wherry_upload="7").json()
    path = httpx.URL(told["upload"]["url"]).path
    messages = iter(
        [
            {"type": "http.request", "body": b"123", "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    sent: list[Any] = []

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(here.app({"type": "http", "method": "PUT", "path": path}, receive, send))

    assert here.ask("POST", told["url"]).status_code == 409
    assert [one for one in here.local.objects.path("").rglob("*") if one.is_file()] == []


def test_a_server_that_starts_again_goes_on(tmp_path: Path) -> None:
    first = Local(tmp_path)
    queued, killed = (first.ask("POST", PLAIN, b"[[1,2,3,4]]").json() for _ in range(2))
    job = first.local.records.get(killed["id"])
    assert job is not None
    first.local.records.move(job, moved(job, status="running", attempts=1, lease=first.time + 9e9))
    first.local.close()

    second = Local(tmp_path)
    second.local.resume()
    second.work()
    second.local.close()

    assert second.look(queued["url"])["status"] == "succeeded"
    assert second.look(killed["url"])["status"] == "succeeded"


def test_two_servers_do_not_share_a_directory(here: Local, tmp_path: Path) -> None:
    assert here.local is not None

    with pytest.raises(UsageError, match="another server"):
        LocalJobs(tmp_path / "jobs")


def test_what_has_expired_is_swept_away(here: Local) -> None:
    told = here.ask("POST", JOBS, request()).json()
    kept = here.ask("POST", JOBS, request(id="later")).json()
    job = here.local.records.get(kept["id"])
    assert job is not None
    here.local.records.move(job, moved(job, expires=job.expires + 1))
    here.time += MOST.keep_hours * 3600

    here.local.sweep()

    assert here.ask("GET", told["url"]).status_code == 404
    assert here.look(kept["url"])["status"] == "queued"
    assert len(list(here.local.objects.path("").iterdir())) == 1


def test_a_job_whose_artifact_is_gone_has_failed_after_its_attempts(here: Local) -> None:
    told = here.ask("POST", JOBS, request()).json()
    job = here.local.records.get(told["id"])
    assert job is not None
    lost = job.pinned._replace(digest=f"sha256:{'0' * 64}")
    here.local.records.move(job, moved(job, pinned=lost))

    here.work()

    failed = here.look(told["url"])
    assert (failed["status"], failed["error_status"]) == ("failed", 500)
    done = here.local.records.get(told["id"])
    assert done is not None
    assert done.attempts == MOST.receives


def test_a_thread_does_them_while_the_server_answers(here: Local) -> None:
    here.local.start(here.settings)
    told = here.ask("POST", JOBS, request()).json()

    for _ in range(1000):
        if here.look(told["url"])["status"] == "succeeded":
            break
    else:
        raise AssertionError("it is never done")


def test_anything_else_is_the_apps(here: Local) -> None:
    assert here.ask("GET", "/v2/health/ready").json() == {"ready": True}
    assert here.ask("DELETE", f"{JOBS}/{'0' * 32}/input/1-2").status_code == 404
