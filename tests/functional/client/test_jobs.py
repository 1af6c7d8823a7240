"""Jobs in the hands of who asked for them: looked at, waited for, found again, cancelled."""

import numpy as np
import pytest

from tests.support.client_doors import Connect, Time
from tests.support.client_jobs import Serve
from tests.support.onnx_models import lookup
from wherry.client import JobStatus
from wherry.client.jobs import ENDED, IDEMPOTENCY_KEY, UPLOAD, State
from wherry.errors import CloudError, NotFoundError, RequestError
from wherry.http.wire import Reply
from wherry.jobs import contract

SMALL = np.array([[1, 2, 3, 4]], np.float32)


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
    assert time.slept == [1, 1, 1, 1, 1]


def test_a_client_knows_jobs_as_the_contract_has_them() -> None:
    assert (UPLOAD, IDEMPOTENCY_KEY, ENDED) == (
        contract.UPLOAD,
        contract.IDEMPOTENCY_KEY,
        contract.ENDED,
    )
    assert State == contract.Status
