"""Jobs behind the real template, on a local AWS that checks each signature and permission."""

from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest

from tests.support.binary_v2 import binary, binary_request
from tests.support.cloud import Cloud
from tests.support.emulated import until
from tests.support.workers import MODEL, STACK, Workers
from wherry.service import load_service
from wherry.settings import Settings

pytestmark = pytest.mark.e2e

ROW = [[6.3, 3.3, 6.0, 2.5]]


@pytest.fixture(scope="module")
def jobs(workers: Workers) -> Cloud:
    return workers.cloud


@pytest.fixture(scope="module")
def caller(jobs: Cloud) -> Iterator[httpx.Client]:
    with jobs.api(STACK) as client:
        yield client


@pytest.fixture(scope="module")
def bearer(jobs: Cloud) -> Iterator[httpx.Client]:
    """Somebody with neither key nor signature."""
    with httpx.Client(verify=jobs.trust(), timeout=60, trust_env=False) as client:
        yield client


def taken(reply: httpx.Response) -> dict[str, Any]:
    assert reply.status_code == 202, reply.text
    told: dict[str, Any] = reply.json()
    return told


def ended(caller: httpx.Client, url: str) -> dict[str, Any]:
    """What a job is told to be once it is done."""
    found: dict[str, Any] = {}

    def is_done() -> bool:
        found.update(caller.get(url).json())
        return found["status"] not in ("queued", "running")

    until(is_done, 90)
    assert found["status"] == "succeeded", found
    return found


def kept(jobs: Cloud) -> set[str]:
    store = "wherry-dev-{account}-{region}".format(**jobs.target)
    told = jobs.client("s3").list_objects_v2(Bucket=store, Prefix="jobs/")
    return {one["Key"] for one in told.get("Contents", [])}


def test_a_job_is_done_and_its_result_needs_no_key(
    caller: httpx.Client, bearer: httpx.Client
) -> None:
    told = taken(caller.post("/predict/iris-linear/jobs", json=ROW))

    done = ended(caller, told["url"])

    assert bearer.get(done["result"]["url"]).json()["predictions"][0]["label"] == "virginica"
    assert bearer.get(f"{caller.base_url}{told['url']}").status_code == 403


def test_twenty_megabytes_come_back_as_in_process(
    jobs: Cloud, caller: httpx.Client, bearer: httpx.Client
) -> None:
    rows = np.random.default_rng(1).random((20_000_000 // 16, 4), np.float32) * 5
    body, length = binary_request(
        binary("features", "FP32", list(rows.shape), rows.tobytes()),
        parameters={"binary_data_output": True}, outputs=[{"name": "probabilities"}],
    )  # fmt: skip
    headers = {"x-wherry-upload": str(len(body)), "inference-header-content-length": str(length)}
    told = taken(caller.post("/v2/models/iris-linear/jobs", headers=headers))

    assert bearer.put(told["upload"]["url"], content=body[1:]).status_code == 403
    assert bearer.put(told["upload"]["url"], content=body).status_code == 200
    taken(caller.post(told["url"]))
    result = ended(caller, told["url"])["result"]

    came = bearer.get(result["url"]).content
    head = int(result["headers"]["inference-header-content-length"])
    service = load_service(Settings.from_environment(jobs.project.wherry("env", MODEL)))
    wanted = service.predict({"features": rows}, ["probabilities"])["probabilities"]
    assert np.array_equal(np.frombuffer(came[head:], np.float32), wanted.ravel())


def test_another_callers_job_is_as_one_that_never_was(jobs: Cloud, caller: httpx.Client) -> None:
    gateway = jobs.client("apigateway")
    key = gateway.create_api_key(name="other", enabled=True)
    own = gateway.get_usage_plans(keyId=jobs.outputs(STACK)["ApiKeyId"])["items"]
    for plan in own:
        gateway.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    told = taken(caller.post("/predict/iris-linear/jobs", json=ROW))

    for method in ("GET", "POST", "DELETE"):
        came = caller.request(method, told["url"], headers={"x-api-key": key["value"]})
        assert came.status_code == 404, came.text

    assert ended(caller, told["url"])["status"] == "succeeded"


def test_an_erased_job_leaves_no_object(
    jobs: Cloud, caller: httpx.Client, bearer: httpx.Client
) -> None:
    told = taken(caller.post("/predict/iris-linear/jobs", json=ROW))
    link = ended(caller, told["url"])["result"]["url"]
    place = httpx.URL(link).path.rpartition("/")[0].partition("/jobs/")[2]
    assert any(place in key for key in kept(jobs))

    assert caller.delete(told["url"]).status_code == 204

    assert not any(place in key for key in kept(jobs))
    assert bearer.get(link).status_code == 404
    assert caller.get(told["url"]).json()["status"] == "cancelled"
