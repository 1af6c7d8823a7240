"""Who answers a request may be chosen, and something may come after: neither harms a prediction."""

from collections.abc import Mapping

import pytest

from tests.support.onnx_models import scaled
from tests.support.requests_v2 import outputs_of, request
from tests.support.services import Kept
from wherry.errors import RequestError
from wherry.http import App
from wherry.http.hooks import Chosen, Hooks
from wherry.http.wire import Request
from wherry.release import Release
from wherry.service import Answer, Service

INFER, PREDICT = "/v2/models/tiny/infer", "/predict/tiny"
ROW = b'{"f0": 1, "f1": 2, "f2": 3, "f3": 4}'


def service(factor: float, version: int) -> Service:
    artifact = scaled(factor)
    return Service(artifact, Release("tiny", version, "7", artifact.digest), sketch=True)


class ByHeader:
    """The header says which arm; without it, nobody can choose."""

    def __init__(self) -> None:
        self.arms = {"a": service(2, 1), "b": service(3, 2)}

    def choose(self, request: Request, parameters: Mapping[str, str]) -> Chosen:
        arm = request.headers.get("x-arm")
        if arm is None:
            raise RequestError("x-arm", f"{parameters['model']} needs it")
        return Chosen(self.arms[arm], {"arm": arm}, {"x-wherry-arm": arm})


class After:
    def __init__(self) -> None:
        self.told: list[tuple[str, str, bytes, Chosen]] = []

    def after(self, prediction_id: str, request: Request, answer: Answer, chosen: Chosen) -> None:
        self.told.append((prediction_id, request.path, answer.body, chosen))
        raise OSError("the shadow is down")


def test_the_service_that_is_chosen_answers_by_either_way_in() -> None:
    kept = Kept()
    app = App(service(2, 1), evidence=kept, hooks=Hooks(ByHeader()))

    infer = app.answer(Request("POST", INFER, {"x-arm": "b"}, request()))
    plain = app.answer(Request("POST", PREDICT, {"x-arm": "b"}, ROW))

    assert outputs_of(infer.body)["prediction"] == [[30]]
    assert b'"prediction":30.0' in plain.body
    for reply, told in zip((infer, plain), kept.predictions, strict=True):
        assert reply.headers["x-wherry-version"] == "2"
        assert reply.headers["x-wherry-arm"] == "b"
        assert told.release is not None
        assert told.release.version == 2
        assert told.labels == {"arm": "b"}
        assert told.sketch is not None
        assert told.sketch["pairs"][""] == {"|+19": 1}


def test_who_is_chosen_has_the_version_that_the_path_names() -> None:
    app = App(service(2, 1), hooks=Hooks(ByHeader()))

    def status(arm: str) -> int:
        path = "/v2/models/tiny/versions/2/infer"
        return app.answer(Request("POST", path, {"x-arm": arm}, request())).status

    assert (status("a"), status("b")) == (404, 200)


def test_where_nobody_can_be_chosen_the_reason_is_the_answer() -> None:
    kept = Kept()
    app = App(service(2, 1), evidence=kept, hooks=Hooks(ByHeader()))

    reply = app.answer(Request("POST", INFER, {}, request()))

    assert reply.status == 400
    assert b"tiny needs it" in reply.body
    assert reply.headers["x-wherry-version"] == "1"
    assert (kept.predictions[0].status, kept.predictions[0].labels) == (400, {})


def test_what_comes_after_comes_after_the_evidence_and_its_failure_harms_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    after, kept = After(), Kept()
    app = App(service(2, 1), evidence=kept, hooks=Hooks(after=after))

    reply = app.answer(Request("POST", INFER, {}, request()))
    app.answer(Request("POST", INFER, {}, b"{}"))

    [(prediction_id, path, body, chosen)] = after.told  # a refusal has nothing after it
    assert (reply.status, reply.body, path) == (200, body, INFER)
    assert reply.headers["x-wherry-prediction-id"] == prediction_id == kept.predictions[0].id
    assert chosen.service is app.service
    assert f"after prediction {prediction_id} failed" in caplog.text
