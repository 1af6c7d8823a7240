"""Plain predictions over HTTP: what the app and its doors add to them."""

import gzip
from base64 import b64decode
from typing import Any

import orjson
import pytest

from tests.support.events import FRONTS, Call
from tests.support.plain_models import classifier, of_images, picture
from tests.support.services import service_of
from wherry.artifact import Artifact
from wherry.http import App
from wherry.http.lambda_events import handler_for
from wherry.http.wire import Reply, Request
from wherry.limits import Limits

ROWS = b"[[1, 2], [2, 1]]"


def ask(
    body: bytes = ROWS,
    artifact: Artifact | None = None,
    path: str = "/predict/apples",
    **told: Any,
) -> Reply:
    app = App(service_of(artifact or classifier(), limits=told.pop("limits", None)))
    headers = {name.replace("_", "-"): value for name, value in told.items()}
    return app.answer(Request("POST", path, headers, body))


def test_an_answer_and_a_refusal_say_which_release_gave_them() -> None:
    for reply, status in ((ask(), 200), (ask(b"?"), 400)):
        assert reply.status == status
        assert reply.headers["x-wherry-model"] == "apples"
        assert reply.headers["x-wherry-release"] == "7"
        assert len(reply.headers["x-wherry-prediction-id"]) == 32


def test_a_table_is_answered_as_one() -> None:
    reply = ask(b'"size, in cm",weight\n1,2\n', content_type="text/csv", accept="text/csv")

    assert reply.headers["content-type"] == "text/csv"
    assert reply.body.startswith(b"label,")


def test_a_compressed_body_is_read() -> None:
    reply = ask(gzip.compress(ROWS), content_encoding="gzip")

    assert len(orjson.loads(reply.body)["predictions"]) == 2


def test_a_body_over_the_limit_is_refused_with_what_fits() -> None:
    reply = ask(b" " * 2000, limits=Limits(body_bytes=1500))

    assert reply.status == 413
    assert b"Send at most" in reply.body


def test_another_model_is_not_found() -> None:
    assert ask(path="/predict/pears").status == 404


@pytest.mark.parametrize("front", FRONTS.values(), ids=FRONTS)
def test_an_image_comes_through_every_front(front: Any) -> None:
    handler = handler_for(App(service_of(of_images())))

    event = front(Call("POST", "/predict/images", picture("PNG"), {"Content-Type": "image/png"}))
    reply = handler(event, None)

    body = b64decode(reply["body"]) if reply["isBase64Encoded"] else reply["body"]
    assert orjson.loads(body)["prediction"] == {"mean": 100.0}
