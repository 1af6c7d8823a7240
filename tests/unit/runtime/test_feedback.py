"""What became of predictions: what is taken, what is refused, and what is written of it."""

import gzip
import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.events import Call, rest_api_v1
from tests.support.services import service_of
from wherry.http import App
from wherry.http.feedback import LONGEST, MOST, Feedback
from wherry.http.lambda_events import handler_for
from wherry.http.wire import Reply, Request

ID = "0123456789abcdef" * 2
GOOD = {"prediction_id": ID, "metric": "clicked", "value": 1}
SERVICE = service_of()


class Lines:
    """A log that a test can look at."""

    def __init__(self) -> None:
        self.written: list[str] = []

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in "".join(self.written).splitlines()]


def post(body: bytes, lines: Lines | None = None, **headers: str) -> Reply:
    app = App(SERVICE, feedback=lines.written.append if lines else None)
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.answer(Request("POST", "/feedback", told, body))


def test_an_outcome_becomes_one_line() -> None:
    lines = Lines()
    feedback = Feedback(SERVICE.release, lines.written.append, now=lambda: 1.8e9)

    reply = feedback.take(Request("POST", "/feedback", {}, orjson.dumps(GOOD)))

    assert (reply.status, orjson.loads(reply.body)) == (202, {"accepted": 1})
    assert lines.told == [
        {
            "level": "INFO",
            "message": "feedback",
            "service": "wherry",
            "model": "tiny",
            "release": "7",
            "timestamp": "2027-01-15T08:00:00+00:00",
            **GOOD,
        }
    ]


def test_many_outcomes_are_written_at_once() -> None:
    """Half of them written and then an error would double that half when the rest is told again."""
    lines = Lines()
    told = [{**GOOD, "value": n / 7} for n in range(MOST)]

    reply = post(orjson.dumps(told), lines)

    assert orjson.loads(reply.body) == {"accepted": MOST}
    assert len(lines.written) == 1
    assert [line["value"] for line in lines.told] == [each["value"] for each in told]


def test_an_outcome_without_a_value_happened() -> None:
    lines = Lines()

    post(orjson.dumps({"prediction_id": ID, "metric": "bought"}), lines)

    assert lines.told[0]["value"] == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"prediction_id": "abc"}, "the 32 hexadecimal digits"),
        ({"prediction_id": ID.upper()}, "the 32 hexadecimal digits"),
        ({"prediction_id": ID + "\n"}, "the 32 hexadecimal digits"),
        ({"prediction_id": 7}, "prediction_id"),
        ({"metric": "Clicked"}, "a letter, then up to 39"),
        ({"metric": "m" * 41}, "a letter, then up to 39"),
        ({"metric": 'x", "level": "ERROR'}, "a letter, then up to 39"),
        ({"value": "1"}, "value"),
        ({"value": True}, "value"),
        ({"value": None}, "value"),
        ({"value": 1.1e9}, "1e+09"),
        ({"value": -2e9}, "1e+09"),
        ({"valeu": 1}, "unknown field"),
    ],
    ids=str,
)
def test_what_is_no_outcome_is_refused_and_nothing_is_written(
    change: dict[str, Any], said: str
) -> None:
    lines = Lines()

    reply = post(orjson.dumps([GOOD, {**GOOD, **change}]), lines)

    assert reply.status == 400
    assert said in orjson.loads(reply.body)["error"]
    assert lines.written == []


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"[]", b"null", b"7", b"\xff", b'"\xed\xa0\x80"', b'{"value": NaN}',
        b'{"prediction_id": "%s", "metric": "a", "value": 1e999}' % ID.encode(),
        orjson.dumps([GOOD] * (MOST + 1)),
        b"[" * 10_000,
    ],
    ids=lambda body: repr(body[:20]),
)  # fmt: skip
def test_bad_bodies_get_an_error_in_the_protocols_shape(body: bytes) -> None:
    reply = post(body)

    assert reply.status == 400
    assert list(orjson.loads(reply.body)) == ["error"]


@settings(max_examples=40)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text() | st.sampled_from([ID, "clicked"]),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*GOOD]), inner),
        max_leaves=8,
    )
)
def test_no_json_makes_a_failure(told: object) -> None:
    reply = post(json.dumps(told).encode())

    assert reply.status in (202, 400)
    assert len(reply.body) < 1000


@settings(max_examples=40)
@given(st.binary(max_size=200))
def test_no_bytes_make_a_failure(body: bytes) -> None:
    assert post(body).status == 400


def test_a_body_may_be_compressed_and_has_a_limit_either_way() -> None:
    good = gzip.compress(orjson.dumps(GOOD))

    assert post(good, content_encoding="gzip").status == 202
    assert post(b" " * (LONGEST + 1)).status == 413
    assert post(gzip.compress(b" " * (LONGEST + 1)), content_encoding="gzip").status == 413
    assert post(good, content_encoding="br").status == 400


def test_feedback_comes_through_the_front_too() -> None:
    lines = Lines()
    handler = handler_for(App(SERVICE, feedback=lines.written.append))

    told = handler(rest_api_v1(Call("POST", "/feedback", orjson.dumps([GOOD, GOOD]))), None)

    assert (told["statusCode"], told["body"]) == (202, '{"accepted":2}')
    assert len(lines.told) == 2


def test_it_is_asked_by_post_alone() -> None:
    reply = App(SERVICE).answer(Request("GET", "/feedback", {}))

    assert (reply.status, reply.headers["allow"]) == (405, "POST")


def test_outcomes_that_cannot_be_written_are_not_accepted() -> None:
    def full(_: str) -> None:
        raise OSError(28, "no space")

    app = App(SERVICE, feedback=full)

    assert app.answer(Request("POST", "/feedback", {}, orjson.dumps(GOOD))).status == 500
