"""Arms of one release: who is answered by which artifact, and what is told of it."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.support.experiments import experiment_of, missing, published_arms, somebody_in
from tests.support.onnx_models import identity, scaled
from tests.support.requests_v2 import outputs_of, request
from tests.support.services import Kept, service_of
from wherry.beside import chooser_of
from wherry.experiments.arms import AGAIN, Arms
from wherry.experiments.assignment import assign
from wherry.experiments.spec import Arm, Experiment
from wherry.http import App
from wherry.http.hooks import Hooks
from wherry.http.wire import Reply, Request
from wherry.service import Service, load_service
from wherry.settings import Settings

INFER = "/v2/models/tiny/infer"


class Released:
    """A release with an experiment of three arms, and all that it tells."""

    def __init__(self, environment: Any) -> None:
        self.kept = Kept()
        settings = Settings.from_environment(environment)
        service = load_service(settings)
        hooks = Hooks(chooser_of(settings, service))
        self.app = App(service, evidence=self.kept, hooks=hooks)
        self.experiment = Experiment.read(settings.experiment)

    def ask(self, subject: str = "", path: str = INFER, **told: Any) -> Reply:
        headers = {"x-user-id": subject} if subject else {}
        return self.app.answer(Request("POST", path, headers, request(**told)))


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Released:
    return Released(published_arms(tmp_path_factory.mktemp("store")))


def answer(reply: Reply) -> float:
    """The factor of the model that answered [1, 2, 3, 4]."""
    return float(outputs_of(reply.body)["prediction"][0][0]) / 10


@pytest.mark.parametrize(("version", "factor"), [(1, 2), (2, 3), (3, 5)])
def test_a_subject_is_answered_by_its_arms_artifact_each_time(
    released: Released, version: int, factor: float
) -> None:
    subject = somebody_in(released.experiment, f"arm-{version}")

    replies = [released.ask(subject) for _ in range(3)]

    assert [answer(reply) for reply in replies] == [factor] * 3
    for reply in replies:
        assert reply.headers["x-wherry-experiment"] == "colours"
        assert reply.headers["x-wherry-arm"] == f"arm-{version}"
        assert reply.headers["x-wherry-version"] == str(version)
        assert reply.headers["x-wherry-release"] == "7"


def test_the_line_tells_the_arm_and_a_pseudonym_and_never_the_subject(released: Released) -> None:
    subject = somebody_in(released.experiment, "arm-2")

    released.ask(subject)

    told = released.kept.predictions[-1]
    assert told.labels == {
        "experiment": "colours",
        "arm": "arm-2",
        "subject": assign(released.experiment, subject).pseudonym,
    }
    assert told.release is not None
    assert (told.release.version, told.release.name) == (2, "7")


def test_without_a_subject_the_control_answers_and_nobody_is_exposed(released: Released) -> None:
    replies = [released.ask(), released.ask("  ")]

    assert [answer(reply) for reply in replies] == [2, 2]
    assert [told.labels for told in released.kept.predictions[-2:]] == [{}, {}]
    assert not any("x-wherry-arm" in reply.headers for reply in replies)


def test_a_version_in_the_path_is_answered_by_its_arm_and_exposes_nobody(
    released: Released,
) -> None:
    subject = somebody_in(released.experiment, "arm-2")

    reply = released.ask(subject, "/v2/models/tiny/versions/3/infer")

    assert (answer(reply), reply.headers["x-wherry-version"]) == (5, "3")
    assert released.kept.predictions[-1].labels == {}


@pytest.mark.parametrize(
    "path", ["/v2/models/tiny/versions/9/infer", "/v2/models/other/infer", "/predict/other"]
)
def test_what_is_not_served_here_exposes_nobody(released: Released, path: str) -> None:
    reply = released.ask(somebody_in(released.experiment, "arm-2"), path)

    assert reply.status == 404
    assert released.kept.predictions[-1].labels == {}


@pytest.mark.parametrize("tail", ["", "/ready", "/config", "/stats"])
def test_each_arm_is_described_under_its_version(released: Released, tail: str) -> None:
    arm = released.experiment.arms[2]

    reply = released.app.answer(Request("GET", f"/v2/models/tiny/versions/3{tail}", {}))

    assert reply.status == 200
    assert tail != "/config" or arm.digest in reply.body.decode()
    missing = Request("GET", f"/v2/models/tiny/versions/9{tail}", {})
    assert released.app.answer(missing).status == 404


def test_plain_rows_have_arms_too(released: Released) -> None:
    subject = somebody_in(released.experiment, "arm-3")
    row = orjson.dumps({f"f{i}": i + 1 for i in range(4)})

    told = Request("POST", "/predict/tiny", {"x-user-id": subject}, row)
    reply = released.app.answer(told)

    assert orjson.loads(reply.body)["prediction"]["prediction"] == 50
    assert orjson.loads(reply.body)["version"] == "3"


def test_arms_are_loaded_when_somebody_first_asks_and_once() -> None:
    loaded: list[str] = []

    def load(arm: Arm) -> Service:
        loaded.append(arm.name)
        return service_of(scaled(3))

    arms, experiment = arms_with(load)
    app = App(service_of(), hooks=Hooks(arms))

    def ask(arm: str) -> None:
        headers = {"x-user-id": somebody_in(experiment, arm)}
        app.answer(Request("POST", INFER, headers, request()))

    ask("control")
    assert loaded == []
    ask("greener")
    ask("greener")
    assert loaded == ["greener"]


def arms_with(
    load: Callable[[Arm], Service], now: Callable[[], float] = lambda: 0.0
) -> tuple[Arms, Experiment]:
    control = service_of()
    told = [("control", 1, control.release.digest), ("greener", 2, "sha256:" + "b" * 64)]
    experiment = experiment_of(told)
    return Arms(experiment, control, load, now), experiment


def broken(_: Arm) -> Service:
    return service_of(identity("FP32", (-1, 4)))


@pytest.mark.parametrize("load", [missing, broken])
def test_an_arm_that_cannot_be_loaded_is_answered_by_the_control_which_says_so(
    load: Callable[[Arm], Service], caplog: pytest.LogCaptureFixture
) -> None:
    """And counts for no arm: the report then misses who should be there."""
    clock = [0.0]
    arms, experiment = arms_with(load, lambda: clock[0])
    kept = Kept()
    app = App(service_of(), evidence=kept, hooks=Hooks(arms))
    headers = {"x-user-id": somebody_in(experiment, "greener")}

    with caplog.at_level(logging.ERROR, "wherry.experiments"):
        replies = []
        for _ in range(3):
            replies.append(app.answer(Request("POST", INFER, headers, request())))
            clock[0] += AGAIN / 2

    assert [answer(reply) for reply in replies] == [2, 2, 2]
    assert {reply.headers["x-wherry-arm-unavailable"] for reply in replies} == {"greener"}
    assert not any("x-wherry-arm" in reply.headers for reply in replies)
    assert [told.labels for told in kept.predictions] == [{}, {}, {}]
    assert len(caplog.records) == 1
    version = Request("POST", "/v2/models/tiny/versions/2/infer", {}, request())
    assert app.answer(version).status == 404


def test_an_arm_that_could_not_be_loaded_is_tried_again_a_minute_later() -> None:
    clock, tries = [0.0], [missing]

    def load(arm: Arm) -> Service:
        return tries.pop()(arm) if tries else service_of(scaled(3))

    arms, experiment = arms_with(load, lambda: clock[0])
    app = App(service_of(), hooks=Hooks(arms))
    headers = {"x-user-id": somebody_in(experiment, "greener")}

    told = []
    for _ in range(3):
        told.append(answer(app.answer(Request("POST", INFER, headers, request()))))
        clock[0] += AGAIN / 2

    assert told == [2, 2, 3]


def test_an_altered_arm_never_answers(tmp_path: Path) -> None:
    environment = published_arms(tmp_path)
    released = Released(environment)
    arm = released.experiment.arms[1]
    model = tmp_path / "artifacts" / arm.digest.replace(":", "/") / "model.onnx"
    model.write_bytes(scaled(9).files["model.onnx"])

    reply = released.ask(somebody_in(released.experiment, "arm-2"))

    assert answer(reply) == 2
    assert reply.headers["x-wherry-arm-unavailable"] == "arm-2"


def test_a_release_without_an_experiment_has_no_chooser() -> None:
    control = service_of()
    settings = Settings(model="tiny", model_version=1, digest="", store="")

    assert chooser_of(settings, control) is None
