"""A busy, late, broken or absent server: what is tried again, when, and how it ends."""

from datetime import UTC, datetime

import numpy as np
import pytest

from tests.support.client_doors import Connect, Scripted, Time, driven, raw_server
from tests.support.services import service_of
from wherry.client import Retries
from wherry.errors import CloudError, ModelError, RequestError
from wherry.http import App
from wherry.http.wire import Reply

ROWS = [[1, 2, 3, 4]]
ANSWER = [{"prediction": 20.0, "doubled": [2.0, 4.0, 6.0, 8.0]}]
DATE = b"Wed, 01 Jul 2026 00:00:00 GMT"
JULY = datetime(2026, 7, 1, tzinfo=UTC).timestamp()


TRUNCATED = b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"
GARBAGE = b"SSH-2.0-OpenSSH\r\n"
NOTHING = b""


def whole(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """One answer, and no more on this connection."""
    length = b"content-length: %d" % len(body)
    return b"\r\n".join([b"HTTP/1.1 " + status, length, *headers, b"connection: close", b"", body])


def reply(status: int, words: str = "no", **headers: str) -> Reply:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, told, b'{"message":"%s"}' % words.encode())


def app(*script: Reply | None) -> Scripted:
    return Scripted(App(service_of()), list(script))


@pytest.mark.parametrize("status", [429, 502, 503])
def test_what_may_pass_is_tried_again(connect: Connect, time: Time, status: int) -> None:
    server = app(reply(status), reply(status))

    assert connect(server).predict(ROWS, model="tiny") == ANSWER
    assert time.slept == [0.2, 0.4]


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (b"Retry-After: 2", 2),
        (b"Retry-After: Wed, 01 Jul 2026 00:00:07 GMT\r\nDate: " + DATE, 7),
        (b"Retry-After: Tue, 30 Jun 2026 00:00:00 GMT\r\nDate: " + DATE, 0),
        (b"Retry-After: Wed, 01 Jul 2026 00:00:07 GMT", 7),
        (b"Retry-After: soon", 0),
        (b"Retry-After: -5", 0),
    ],
)
def test_a_server_that_says_when_is_not_asked_before(
    kind: str, time: Time, told: bytes, seconds: float
) -> None:
    busy = whole(b"{}", told, status=b"429 Too Many Requests")
    retries = time.retries(today=lambda: JULY)
    with (
        raw_server(busy, whole(b'{"predictions": [1]}')) as url,
        driven(kind, url, None, time, retries=retries) as client,
    ):
        assert client.predict(ROWS, model="tiny") == [1]

    assert time.slept == [pytest.approx(seconds + 0.2)]


def test_a_wait_beyond_the_deadline_is_not_begun(connect: Connect, time: Time) -> None:
    client = connect(app(reply(503, retry_after="3600")))

    with pytest.raises(CloudError, match="503: no"):
        client.predict(ROWS, model="tiny")
    assert time.slept == []


def test_attempts_end_and_the_error_says_how_many_there_were(connect: Connect, time: Time) -> None:
    client = connect(app(*[reply(503, "busy")] * 9))

    with pytest.raises(CloudError, match=r"503: busy, 6 times. The server's log says why"):
        client.predict(ROWS, model="tiny")
    assert time.slept == [0.2, 0.4, 0.8, 1.6, 3.2]


def test_a_throttle_that_lasts_says_what_to_do(connect: Connect) -> None:
    client = connect(app(*[reply(429, "Too Many Requests")] * 9))

    with pytest.raises(CloudError, match="Ask less often, or raise the throttle"):
        client.predict(ROWS, model="tiny")


def test_a_model_that_failed_is_not_asked_again(connect: Connect, time: Time) -> None:
    failed = Reply(500, {"x-wherry-prediction-id": "abc"}, b'{"error":"the server failed"}')
    client = connect(app(failed))

    with pytest.raises(ModelError, match=r"500: the server failed \(prediction abc\)"):
        client.predict(ROWS, model="tiny")
    assert time.slept == []


def test_a_late_answer_is_tried_again_where_there_are_no_jobs(connect: Connect) -> None:
    server = app(reply(504))

    assert connect(server).predict(ROWS, model="tiny") == ANSWER
    assert server.paths == [
        "POST /predict/tiny",
        "GET /v2/models/tiny/config",
        "POST /predict/tiny/jobs",
        "POST /predict/tiny",
    ]


@pytest.mark.parametrize("status", [204, 302, 418])
def test_a_stranger_is_no_crash(connect: Connect, status: int) -> None:
    client = connect(app(Reply(status, {}, b"" if status == 204 else b"<html>hello")))

    with pytest.raises((CloudError, RequestError)):
        client.predict(ROWS, model="tiny")


@pytest.mark.parametrize("broken", [TRUNCATED, GARBAGE, NOTHING], ids=["cut", "SSH", "hung up"])
def test_a_connection_that_breaks_is_tried_again(kind: str, time: Time, broken: bytes) -> None:
    answer = whole(b'{"predictions": [1]}')
    with raw_server(broken, answer) as url, driven(kind, url, None, time) as client:
        assert client.predict(ROWS, model="tiny") == [1]
        assert time.slept == [0.2]


def test_nobody_there_is_told_as_what_it_is(kind: str, time: Time) -> None:
    with raw_server() as url:
        pass
    with (
        driven(kind, url, None, time) as client,
        pytest.raises(CloudError, match=r"no answer \(ConnectError.*, 6 times\). See that it runs"),
    ):
        client.predict(ROWS, model="tiny")


TENSORS = (
    b'{"outputs":[{"name":"y","datatype":"FP32","shape":[2],"parameters":{"binary_data_size":8}}]}'
)


@pytest.mark.parametrize(
    "answer",
    [
        whole(b"{"),
        whole(b"[]"),
        whole(b'{"outputs": 5}'),
        whole(b'{"outputs":[{"name":"y","datatype":"FP99","shape":[1],"data":[1]}]}'),
        whole(b'{"outputs":[{"name":"y","datatype":"FP32","shape":[3],"data":[1]}]}'),
        whole(b'{"outputs":[{"name":"y","datatype":"FP32","shape":[-2],"data":[1]}]}'),
        whole(b'{"outputs":[{"name":"y","datatype":"UINT8","shape":[1],"data":[999]}]}'),
        whole(b'{"outputs":[{"name":"y","datatype":"FP32","shape":[1],"data":[{}]}]}'),
        whole(TENSORS),
        whole(TENSORS + b"1234", b"inference-header-content-length: %d" % len(TENSORS)),
        whole(TENSORS + b"123456789", b"inference-header-content-length: %d" % len(TENSORS)),
        whole(TENSORS, b"inference-header-content-length: 999"),
        whole(TENSORS, b"inference-header-content-length: x"),
        whole(b"\x1f\x8b broken", b"content-encoding: gzip"),
    ],
)
def test_an_answer_that_is_none_is_told_and_no_array_is_made_of_it(
    kind: str, time: Time, answer: bytes
) -> None:
    signature = whole(
        b'{"name":"m","inputs":[{"name":"x","datatype":"FP32","shape":[-1]}],'
        b'"outputs":[{"name":"y","datatype":"FP32","shape":[-1]}]}'
    )
    with (
        raw_server(signature, answer) as url,
        driven(kind, url, None, time) as client,
        pytest.raises(CloudError),
    ):
        client.predict(np.ones(2), model="m")


@pytest.mark.parametrize("answer", [b"{", b"[]", b'{"prediction": 1}', b'{"predictions": 5}'])
def test_a_plain_answer_is_one_or_is_told(kind: str, time: Time, answer: bytes) -> None:
    with raw_server(whole(answer)) as url, driven(kind, url, None, time) as client:
        if b'"prediction"' in answer:
            assert client.predict(ROWS, model="m") == [1]
            return
        with pytest.raises(CloudError, match="cannot be read"):
            client.predict(ROWS, model="m")


def test_a_server_with_several_models_must_be_told_which(connect: Connect) -> None:
    client = connect(app(Reply(200, {}, b'{"models": ["one", "two"]}')))

    with pytest.raises(RequestError, match=r"serves one, two. Name one"):
        client.predict(ROWS)


@pytest.mark.parametrize(
    "url", ["", "example.com", "ftp://a", "http://", "http://a/?b", "http://["]
)
def test_an_address_that_is_none_is_refused_at_once(kind: str, time: Time, url: str) -> None:
    with pytest.raises(RequestError, match="is wanted"), driven(kind, url, None, time):
        pass


@pytest.mark.parametrize("key", ["", "a\nb", "ä"])
def test_a_key_that_no_header_holds_is_refused_at_once(kind: str, time: Time, key: str) -> None:
    with (
        pytest.raises(RequestError, match="api_key"),
        driven(kind, "http://a", None, time, api_key=key),
    ):
        pass


def test_the_key_goes_with_every_request(connect: Connect) -> None:
    server = app()

    connect(server, api_key="the key").predict(np.ones((1, 4)))

    assert [one.headers["x-api-key"] for one in server.asked] == ["the key"] * 3


def test_one_piece_that_fails_begins_no_other(connect: Connect) -> None:
    server = app(None, reply(500))
    client = connect(server, model="tiny")

    with pytest.raises(ModelError, match="rows 0:1"):
        client.predict_many(np.ones((9, 4)), rows_per_request=1, concurrency=1)
    assert server.paths.count("POST /v2/models/tiny/infer") <= 2


def test_who_wants_no_second_try_gets_none(connect: Connect) -> None:
    client = connect(app(reply(503)), retries=Retries(attempts=1))

    with pytest.raises(CloudError, match=r"503: no\. The"):
        client.predict(ROWS, model="tiny")
