"""
The voyage, on an AWS that enforces TLS and IAM: each job is done by the role that does it in CI.

The tests stand in the order of the voyage, and each goes on from where the one before ended.
"""

import json
import math
import time
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest

from tests.support.cloud import AWS, Cloud
from tests.support.project import Project
from tests.support.triton import tensors
from tests.support.voyage import (
    FUNCTION,
    INFER,
    SETOSA,
    STACK,
    a_resource_that_fails,
    alias,
    deploy,
    publish,
    rollout,
    triton,
    who_answers,
)
from wherry_control.releases import releases_of

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def first(cloud: Cloud) -> str:
    """The digest of version 1, deployed as release 1."""
    digest = publish(cloud)
    deploy(cloud)
    return digest


@pytest.fixture(scope="module")
def api(cloud: Cloud, first: str) -> Iterator[httpx.Client]:  # noqa: ARG001 - comes after
    with cloud.api(STACK) as caller:
        yield caller


@pytest.fixture(scope="module")
def at_rest(cloud: Cloud, first: str) -> dict[str, Any]:  # noqa: ARG001 - comes after
    """The alias before version 2 is deployed."""
    return alias(cloud)


@pytest.fixture(scope="module")
def second(cloud: Cloud, at_rest: dict[str, Any]) -> str:  # noqa: ARG001 - comes after
    """The digest of version 2, deployed as release 2."""
    digest = publish(cloud, "--set", "estimator=logistic_regression")
    found = deploy(cloud)
    assert (found["release"], found["model_version"]) == ("2", 2)
    return digest


def test_a_prediction_comes_through_the_gateway(api: httpx.Client, first: str) -> None:
    answer = api.post(INFER, json={**SETOSA, "id": "mine"})

    told = answer.json()
    assert answer.status_code == 200, answer.text
    assert (told["model_name"], told["id"]) == ("iris", "mine")
    assert told["outputs"][0]["data"] == ["setosa"]
    assert answer.headers["x-wherry-model"] == "iris"
    assert answer.headers["x-wherry-version"] == "1"
    assert answer.headers["x-wherry-release"] == "1"
    assert answer.headers["x-wherry-digest"] == first
    assert answer.headers["x-wherry-prediction-id"]


@pytest.mark.parametrize("coding", [None, "gzip", "deflate"])
def test_tritonclient_sends_and_gets_bytes_through_the_gateway(
    api: httpx.Client, cloud: Cloud, first: str, coding: str | None
) -> None:
    key = {"x-api-key": api.headers["x-api-key"]}
    rows = np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]], np.float32)

    with triton(cloud, api) as client:
        metadata = client.get_model_metadata("iris", headers=dict(key))
        result = client.infer(
            "iris", tensors({"features": rows}), headers=dict(key),
            request_compression_algorithm=coding, response_compression_algorithm=coding,
        )  # fmt: skip

    assert metadata["inputs"][0]["name"] == "features"
    assert result.as_numpy("label").tolist() == [b"setosa", b"virginica"]
    assert result.get_output("probabilities")["parameters"]["binary_data_size"] == 24
    assert first


def test_the_command_believes_the_local_authority(cloud: Cloud, first: str) -> None:
    """`wherry predict` over TLS, whose certificate no public authority has signed."""
    told = Project(cloud.project.root).wherry("predict", "iris", "--target", "local")

    assert told["digest"] == first


def test_a_bad_request_is_told_in_the_protocol_s_shape(api: httpx.Client) -> None:
    answer = api.post(INFER, content=b"{")

    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "wrong" * 8}])
def test_without_the_api_key_the_answer_is_403(
    api: httpx.Client, cloud: Cloud, headers: dict[str, str]
) -> None:
    url = f"{api.base_url}{INFER[1:]}"

    answer = httpx.post(url, json=SETOSA, headers=headers, verify=cloud.trust(), trust_env=False)

    assert answer.status_code == 403


def test_a_second_version_deployed_leaves_live_untouched(
    api: httpx.Client, cloud: Cloud, at_rest: dict[str, Any], first: str, second: str
) -> None:
    assert first != second
    assert alias(cloud) == at_rest
    assert who_answers(api, 20) == {("1", first): 20}


def test_a_tenth_of_1000_requests_goes_to_the_candidate(
    api: httpx.Client, cloud: Cloud, first: str, second: str
) -> None:
    """Within five standard deviations of the binomial distribution: wrong once in 1.7 million."""
    rollout(cloud, "set", "iris", "--weight", "10")

    counts = who_answers(api, 1000)

    assert set(counts) == {("1", first), ("2", second)}
    assert abs(counts["2", second] - 100) <= 5 * math.sqrt(1000 * 0.1 * 0.9)


def test_a_deploy_in_mid_rollout_leaves_the_weights(cloud: Cloud, second: str) -> None:  # noqa: ARG001 - comes after
    before = alias(cloud)
    assert before["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 0.1}}
    settings = cloud.project.root / "models/iris/model.toml"
    settings.write_text(settings.read_text().replace("memory_mb = 512", "memory_mb = 640"))

    found = deploy(cloud)

    assert found["release"] == "3"
    assert alias(cloud) == before


def test_a_deploy_that_fails_leaves_the_weights_and_the_answers(
    api: httpx.Client, cloud: Cloud, first: str, second: str
) -> None:
    """It fails after it has published a version, and CloudFormation rolls back."""
    before = alias(cloud)
    with a_resource_that_fails(cloud.project):
        done = cloud.workflow("deploy").run("deploy", "iris", *AWS)

    status = cloud.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    assert done.code == 1, done.out + done.err
    assert status["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert alias(cloud) == before
    assert set(who_answers(api, 50)) <= {("1", first), ("2", second)}


def test_promoting_gives_the_candidate_every_request(
    api: httpx.Client, cloud: Cloud, second: str
) -> None:
    rollout(cloud, "promote", "iris")

    assert who_answers(api, 50) == {("2", second): 50}


def test_a_rollback_is_done_within_a_second(api: httpx.Client, cloud: Cloud, first: str) -> None:
    """
    From the decision to the first answer; the command's own start is not counted. Where the
    machine is too busy for that, ten times the reading and answering that it is made of.
    """
    rollouts = cloud.rollouts("release", FUNCTION)
    began = time.monotonic()
    releases_of(rollouts.functions, FUNCTION)
    api.post(INFER, json=SETOSA)
    read_and_answered = time.monotonic() - began
    began = time.monotonic()

    outcome = rollouts.rollback("iris")
    answer = api.post(INFER, json=SETOSA)

    assert time.monotonic() - began < max(1, 10 * read_and_answered)
    assert outcome.moved
    assert answer.headers["x-wherry-digest"] == first
    assert alias(cloud)["FunctionVersion"] == "1"
    assert who_answers(api, 50) == {("1", first): 50}


def test_the_ledger_tells_the_whole_story(cloud: Cloud) -> None:
    told = rollout(cloud, "status", "iris")

    actions = [entry["action"] for entry in told["history"]]
    assert actions == ["found", "set", "promote", "rollback"]
    assert [entry["after"]["stable"] for entry in told["history"]] == ["1", "1", "2", "1"]


def test_a_rollout_goes_on_in_the_state_machine_until_it_has_ended(
    api: httpx.Client, cloud: Cloud, second: str
) -> None:
    """Preflight and promotion, by a role of its own; the release role starts it and looks on."""
    started = rollout(cloud, "start", "iris", "--candidate", "2", "--preset", "all_at_once")

    told = rollout(cloud, "watch", "iris", "--every", "1")

    assert started["phase"] == "preflight"
    assert told["state"]["rollout"] == started["rollout"]
    assert told["state"]["phase"] == "promoted"
    assert [entry["action"] for entry in told["history"]][-2:] == ["start", "promote"]
    assert who_answers(api, 20) == {("2", second): 20}


@pytest.mark.parametrize("weight", ["101", "-1", "nan"])
def test_a_weight_outside_0_to_100_is_refused(cloud: Cloud, weight: str) -> None:
    before = alias(cloud)

    done = cloud.project.run("rollout", "set", "iris", f"--weight={weight}", *AWS)

    assert done.code == 2, done.out + done.err
    assert alias(cloud) == before


def test_destroying_the_inference_stack_leaves_the_store(cloud: Cloud, first: str) -> None:
    bucket = f"wherry-dev-{cloud.target['account']}-us-east-1"
    with cloud.api(STACK) as api:
        cloud.cdk("destroy", STACK, "--force", "--exclusively")
        gone = api.post(INFER, json=SETOSA)

    key = f"artifacts/{first.replace(':', '/')}/manifest.json"
    stored = cloud.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    assert gone.status_code in {403, 404}
    assert json.loads(stored)["model"] == "iris"
    assert cloud.client("dynamodb").describe_table(TableName="wherry-dev-ledger")
