"""
What is too large, or takes too long, for a request goes as a job; either client, the real routes.

The jobs are done while a client waits: its pauses are when the worker has its turn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tests.support.client_doors import Connect, Scripted, Time
from tests.support.onnx_models import lookup
from tests.support.services import published
from wherry.artifact import Artifact
from wherry.client import JobStatus, Keys, SigV4
from wherry.client.jobs import ENDED, IDEMPOTENCY_KEY, UPLOAD, State
from wherry.errors import CloudError, NotFoundError, RequestError, TooLargeError
from wherry.http import App
from wherry.http.hooks import Hooks
from wherry.http.wire import Reply
from wherry.jobs import contract
from wherry.jobs.directory import FileObjects, FileRecords
from wherry.jobs.front import Front
from wherry.jobs.links import Links
from wherry.jobs.settings import JobRules
from wherry.jobs.store import Jobs
from wherry.jobs.work import Turn, Worker
from wherry.limits import Limits
from wherry.pinned import Services
from wherry.service import Service, load_service
from wherry.settings import Settings

SMALL = np.array([[1, 2, 3, 4]], np.float32)


@dataclass
class Server:
    """One release with jobs; `script` is answered before it is asked."""

    service: Service
    app: Scripted

    @property
    def asked(self) -> list[str]:
        """What was asked, without the parts that are new each time."""
        return [path for path in self.app.paths if "/jobs/" not in path]


class Queue:
    """Ids of jobs, done when somebody says so."""

    def __init__(self) -> None:
        self._waiting: list[str] = []

    def send(self, job_id: str) -> None:
        self._waiting.append(job_id)

    def drain(self, worker: Worker) -> None:
        while self._waiting:
            worker.work(self._waiting.pop(), Turn(60, last=True))


Serve = Callable[..., Server]


@pytest.fixture
def serve(tmp_path: Path, time: Time) -> Serve:
    queue = Queue()
    rules = JobRules(most_mb=64)

    def serving(
        *script: Reply | None, artifact: Artifact | None = None, limits: Limits | None = None
    ) -> Server:
        settings = Settings.from_environment(published(tmp_path / "store", artifact))
        service = load_service(settings, limits=limits or settings.limits)
        records, objects = FileRecords(tmp_path / "records"), FileObjects(tmp_path / "objects")
        jobs = Jobs(records, objects, queue)
        most = msgspec.structs.replace(settings, limits=rules.limits(settings.limits))
        worker = Worker(jobs, Services(most))
        time.meanwhile = lambda: queue.drain(worker)
        hooks = Hooks(jobs=lambda predictions: Front(lambda: jobs, rules, predictions).endpoints())
        app = Links(App(service, hooks=hooks), records, objects)
        return Server(service, Scripted(app, list(script)))

    return serving


def test_20_mb_come_back_the_same_as_in_process(connect: Connect, serve: Serve) -> None:
    server = serve()
    rows = np.random.default_rng(0).normal(size=(1_250_000, 4)).astype(np.float32)

    told = connect(server.app, api_key="mine").predict({"features": rows})

    wanted = server.service.predict({"features": rows})
    assert rows.nbytes == 20_000_000
    assert told.keys() == wanted.keys()
    assert all(np.array_equal(told[name], wanted[name]) for name in wanted)
    assert (told.model, told.version, told.release, len(told.id)) == ("tiny", "1", "7", 32)
    assert "POST /v2/models/tiny/infer" not in server.asked


def test_the_places_of_input_and_result_are_shown_no_key_and_no_signature(
    connect: Connect, serve: Serve
) -> None:
    server = serve()
    client = connect(server.app, api_key="mine", auth=SigV4(Keys("id", "secret"), "eu-central-1"))

    client.predict(np.ones((300_000, 4)))

    shown = {
        request.path.split("/")[-2]: {"x-api-key", "authorization"} & set(request.headers)
        for request in server.app.asked
        if "/jobs/" in request.path
    }
    assert shown == {"input": set(), "jobs": {"x-api-key", "authorization"}, "result": set()}


def test_a_link_whose_time_is_over_is_told_in_the_words_of_who_keeps_it(
    connect: Connect, serve: Serve
) -> None:
    over = b'<?xml version="1.0"?>\n<Error><Message>Request has expired</Message></Error>'
    server = serve()
    job = connect(server.app, model="tiny").job([[1, 2, 3, 4]])
    job.wait()
    server.app.script = [None, Reply(403, {}, over)]

    with pytest.raises(CloudError, match=r"403: Request has expired.*ask for the result again"):
        job.result()


def test_an_answer_that_is_too_large_comes_by_a_job(connect: Connect, serve: Serve) -> None:
    server = serve(limits=Limits(answer_bytes=100))

    assert connect(server.app).predict(SMALL)["prediction"].tolist() == [[20]]
    assert "POST /v2/models/tiny/infer" in server.asked


def test_an_answer_that_is_late_comes_by_a_job(connect: Connect, serve: Serve) -> None:
    server = serve(Reply(504, {}, b'{"message": "Endpoint request timed out"}'))

    told = connect(server.app).predict([[1, 2, 3, 4]], model="tiny")

    assert told == [{"prediction": 20.0, "doubled": [2.0, 4.0, 6.0, 8.0]}]
    assert server.asked == [
        "POST /predict/tiny",
        "GET /v2/models/tiny/config",
        "POST /predict/tiny/jobs",
    ]


def test_one_row_that_is_too_large_is_a_job_of_its_own(connect: Connect, serve: Serve) -> None:
    server = serve(limits=Limits(answer_bytes=100))

    told = connect(server.app).predict_many(np.repeat(SMALL, 2, axis=0), concurrency=1)

    assert told["prediction"].tolist() == [[20], [20]]
    assert len(told.sources) == 2


def test_a_job_can_be_looked_at_waited_for_and_fetched(connect: Connect, serve: Serve) -> None:
    states: list[str] = []

    def progress(status: JobStatus) -> None:
        states.append(status.state)

    job = connect(serve().app).job(SMALL)

    first = job.status()
    last = job.wait(60, progress)

    assert (first.state, first.ended, first.model, first.release) == ("queued", False, "tiny", "7")
    assert (last.state, last.ended) == ("succeeded", True)
    assert states == ["queued", "succeeded"]
    assert job.result()["prediction"].tolist() == [[20]]


def test_a_job_is_found_again_by_its_owner_alone(connect: Connect, serve: Serve) -> None:
    app = serve().app
    job = connect(app, api_key="mine").job([[1, 2, 3, 4]], model="tiny")

    assert connect(app, api_key="mine").find_job(job.id).result()[0]["prediction"] == 20
    with pytest.raises(NotFoundError, match="this caller has none of that id"):
        connect(app, api_key="other").find_job(job.id).status()


def test_a_cancelled_job_has_no_result(connect: Connect, serve: Serve) -> None:
    job = connect(serve().app).job(SMALL)

    job.cancel()
    job.cancel()

    assert job.status().state == "cancelled"
    with pytest.raises(CloudError, match=r"it is cancelled\. Ask again, as a new job"):
        job.result()


def test_a_job_that_failed_raises_what_a_request_would_have(connect: Connect, serve: Serve) -> None:
    server = serve(artifact=lookup())
    client = connect(server.app)

    with pytest.raises(RequestError, match="the model refuses a value"):
        client.predict({"x": [7]})
    with pytest.raises(RequestError, match="the model refuses a value"):
        client.job({"x": [7]}).result()
    assert client.job({"x": [7]}).wait().error_status == 400
    assert client.job({"x": [1]}).wait().error_status == 0


def test_what_is_wrong_with_a_job_is_told_when_it_is_made(connect: Connect, serve: Serve) -> None:
    with pytest.raises(RequestError, match="a string came; FP32 wants a number"):
        connect(serve().app).job([["1", 2, 3, 4]])


def test_more_than_a_job_takes_is_refused(connect: Connect, serve: Serve) -> None:
    with pytest.raises(TooLargeError):
        connect(serve().app).predict(np.ones((5_000_000, 4), np.float32))


def test_a_job_that_was_asked_for_twice_is_one(connect: Connect, serve: Serve) -> None:
    server = serve(None, None, Reply(503, {}, b""))

    connect(server.app).job(SMALL, model="tiny")

    asked = [one for one in server.app.asked if one.path == "/v2/models/tiny/jobs"]
    assert len(asked) == 2
    assert len({one.headers[IDEMPOTENCY_KEY] for one in asked}) == 1


def test_two_jobs_for_the_same_are_two(connect: Connect, serve: Serve) -> None:
    client = connect(serve().app)

    assert client.job(SMALL).id != client.job(SMALL).id


def test_who_waits_no_longer_is_told_how_it_is(connect: Connect, serve: Serve, time: Time) -> None:
    job = connect(serve().app).job(SMALL)
    time.meanwhile = lambda: None

    with pytest.raises(CloudError, match=r"it is queued after 5 seconds\. Wait longer"):
        job.wait(5)
    assert time.slept == [2, 2, 1]


def test_a_client_knows_jobs_as_the_contract_has_them() -> None:
    assert (UPLOAD, IDEMPOTENCY_KEY, ENDED) == (
        contract.UPLOAD,
        contract.IDEMPOTENCY_KEY,
        contract.ENDED,
    )
    assert State == contract.Status
