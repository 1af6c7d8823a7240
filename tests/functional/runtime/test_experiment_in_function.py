"""An experiment in the function as Lambda starts it: the same arms at every start and release."""

from pathlib import Path

import orjson

from tests.support.events import Call, Event, rest_api_v1
from tests.support.experiments import published_arms, somebody_in
from tests.support.lambda_process import Run, invoke
from tests.support.requests_v2 import request
from tests.support.signing import a_key
from wherry.experiments.assignment import assign
from wherry.experiments.spec import Experiment
from wherry.store import ModelStore
from wherry_control.signing import sign

SUBJECTS = [f"customer-{number}" for number in range(40)]


def asked(subject: str) -> Event:
    headers = {"x-user-id": subject}
    return rest_api_v1(Call("POST", "/v2/models/tiny/infer", request(), headers))


def arms(run: Run) -> list[str]:
    return [reply["headers"]["x-wherry-arm"] for reply in run.replies]


def test_a_subject_keeps_its_arm_through_cold_starts_and_releases(tmp_path: Path) -> None:
    environment = published_arms(tmp_path / "store")
    events = [asked(subject) for subject in SUBJECTS]

    first = invoke(events, environment, tmp_path)
    again = invoke(events[::-1], environment, tmp_path)
    later = invoke(events, {**environment, "AWS_LAMBDA_FUNCTION_VERSION": "8"}, tmp_path)

    assert arms(first) == arms(again)[::-1] == arms(later)
    assert set(arms(first)) == {"arm-1", "arm-2", "arm-3"}
    versions = [reply["headers"]["x-wherry-version"] for reply in first.replies]
    assert [f"arm-{version}" for version in versions] == arms(first)


def test_with_a_pinned_key_an_arm_that_it_did_not_sign_never_answers(tmp_path: Path) -> None:
    environment = published_arms(tmp_path / "store")
    experiment = Experiment.read(environment["WHERRY_EXPERIMENT"])
    store = ModelStore.open(str(tmp_path / "store"))
    for version in store.versions("tiny")[:2]:
        sign(store, store.load(version.digest), version, a_key())
    pinned = {**environment, "WHERRY_PUBLIC_KEY": str(a_key().public_key)}
    events = [asked(somebody_in(experiment, f"arm-{number}")) for number in (1, 2, 3)]

    replies = invoke(events, pinned, tmp_path).replies

    assert [reply["headers"].get("x-wherry-arm") for reply in replies] == ["arm-1", "arm-2", None]
    assert replies[2]["headers"]["x-wherry-arm-unavailable"] == "arm-3"
    assert replies[2]["headers"]["x-wherry-version"] == "1"


def test_its_lines_tell_who_got_what_and_what_came_of_it_and_never_the_subject(
    tmp_path: Path,
) -> None:
    environment = published_arms(tmp_path / "store")
    experiment = Experiment.read(environment["WHERRY_EXPERIMENT"])
    outcome = orjson.dumps({"prediction_id": "0" * 32, "metric": "clicked"})

    run = invoke(
        [asked("customer-7"), rest_api_v1(Call("POST", "/feedback", outcome))],
        environment,
        tmp_path,
    )

    told, feedback = run.lines
    assigned = assign(experiment, "customer-7")
    assert (told["experiment"], told["arm"]) == ("colours", assigned.arm.name)
    assert told["subject"] == assigned.pseudonym
    assert (told["version"], told["release"]) == (str(assigned.arm.version), "7")
    assert told["prediction_id"] == run.replies[0]["headers"]["x-wherry-prediction-id"]
    assert (feedback["message"], feedback["metric"], feedback["value"]) == (
        "feedback", "clicked", 1,
    )  # fmt: skip
    assert "customer-7" not in str(run.lines)
