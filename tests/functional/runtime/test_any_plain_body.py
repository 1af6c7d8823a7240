"""No plain body, whatever it is called, causes a 5xx."""

from collections.abc import Sequence

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.onnx_models import identity, lookup, scaled
from tests.support.plain_models import classifier, imputing, of_images, several
from tests.support.services import service_of
from wherry.http import App
from wherry.http.wire import Request

TYPES = ["", "application/json", "text/csv", "text/plain", "image/png", "\x00", "text/csv;" * 9]
APPS = [
    App(service_of(artifact))
    for artifact in (
        classifier(),
        scaled(),
        imputing(),
        of_images(),
        identity("BYTES"),
        identity("FP16", (-1, -1, 2)),
        identity("INT64", ()),
        lookup(),
        several({"a": "BOOL", "b": "UINT64", "c": "FP16", "d": "BYTES"}),
    )
]
NAMES = ["size, in cm", "weight", "f0", "f1", "f2", "f3", "x", "a", "b", "c", "d", "pixels", ""]

quietly = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
apps = st.sampled_from(APPS)
types = st.sampled_from(TYPES)
whole = st.integers(-(2**63), 2**64 - 1)  # what orjson can write
values = st.recursive(
    st.none() | st.booleans() | whole | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=12,
)
words = st.text("abc", min_size=3, max_size=9)
cells = st.text(max_size=9) | st.integers().map(str) | st.floats().map(str)


def check(app: App, body: bytes, content_type: str, accept: str = "") -> None:
    path = f"/predict/{app.service.release.model}"
    reply = app.answer(
        Request("POST", path, {"content-type": content_type, "accept": accept}, body)
    )

    assert reply.status in {200, 400, 413}, reply.body
    assert reply.status == 200 or list(orjson.loads(reply.body)) == ["error"]
    assert len(reply.body) < 100_000


@quietly
@given(app=apps, content_type=types, body=st.binary(max_size=400))
def test_any_bytes(app: App, content_type: str, body: bytes) -> None:
    check(app, body, content_type)


@quietly
@given(app=apps, content_type=types, told=values, accept=st.sampled_from(["", "text/csv"]))
def test_any_json(app: App, content_type: str, told: object, accept: str) -> None:
    check(app, orjson.dumps(told, option=orjson.OPT_NON_STR_KEYS), content_type, accept)


@quietly
@given(
    app=apps,
    told=st.lists(words | st.dictionaries(words, values, min_size=1), min_size=1),
    place=st.integers(2, 9),
    odd=st.sampled_from([b"\xff", b"\xed\xa0\x80", b"\\ud800", b"\0", b"` - at `$", b'"', b"]"]),
)
def test_any_json_with_something_odd_in_it(
    app: App, told: list[object], place: int, odd: bytes
) -> None:
    body = orjson.dumps(told)

    check(app, body[:place] + odd + body[place:], "")


@quietly
@given(
    app=apps,
    names=st.lists(st.sampled_from(NAMES), max_size=5),
    rows=st.lists(st.lists(cells, max_size=5), max_size=4),
)
def test_any_table(app: App, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    lines = [",".join(f'"{name}"' for name in names), *(",".join(row) for row in rows)]

    check(app, "\n".join(lines).encode("utf-8", "surrogatepass"), "text/csv")


BROKEN = [
    b"",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"[{}" + b",{}" * 100_000 + b"]",
    b"[" + b"1," * 100_000 + b"1]",
    b'[{"x":' + b"9" * 100_000 + b"}]",
    b'[{"x": 1e999999999}]',
    b'{"x": "\\ud800"}',
    b'["\xff"]',
    b'{"\xff": 1}',
    b'[{"x` - at `$": 1}]',
    b'{"\\u0000": 1}',
    b"," * 100_000,
    b"\n" * 100_000,
    b'"' * 100_001,
    b"x\n" + b"1\n" * 100_000,
    b"x\n" + b"9" * 100_000,
    b"\xef\xbb\xbf",
    b"\xff\xfe[\x00]\x00",
    b"\x89PNG\r\n\x1a\n",
    b"RIFF\xff\xff\xff\xffWEBP",
]


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
def test_what_breaks_naive_servers(body: bytes, content_type: str) -> None:
    for app in APPS:
        path = f"/predict/{app.service.release.model}"
        reply = app.answer(Request("POST", path, {"content-type": content_type}, body))

        assert reply.status in {200, 400, 413}
