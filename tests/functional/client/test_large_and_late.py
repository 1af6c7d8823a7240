"""What is too large, or takes too long, for a request goes as a job, and nobody asked for one."""

import numpy as np
import pytest

from tests.support.client_doors import Connect, Deaf
from tests.support.client_jobs import Serve
from wherry.client import Keys, SigV4
from wherry.errors import TooLargeError
from wherry.http.wire import Reply, Request
from wherry.limits import Limits

SMALL = np.array([[1, 2, 3, 4]], np.float32)


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


def test_a_start_whose_reply_is_lost_loses_no_answer(connect: Connect, serve: Serve) -> None:
    """Until the client tries again, the job that it started has been done."""

    def starts(asked: Request) -> bool:
        return asked.method == "POST" and "/jobs/" in asked.path

    server = serve()
    deaf = Deaf(server.app, starts)

    told = connect(deaf).predict(np.ones((300_000, 4), np.float32))

    assert (deaf.heard, len(told["prediction"])) == (False, 300_000)
    assert [starts(one) for one in server.app.asked].count(True) == 2


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


def test_more_than_a_job_takes_is_refused(connect: Connect, serve: Serve) -> None:
    with pytest.raises(TooLargeError):
        connect(serve().app).predict(np.ones((5_000_000, 4), np.float32))
