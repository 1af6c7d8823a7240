"""Deployments over a fake CDK and a fake AWS."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from tests.support.fake_lambda import FakeLambda
from wherry.errors import CloudError, ConflictError
from wherry_control.deploy import (
    Deployed,
    Deployments,
    Request,
    check_state,
    deployed,
    is_untried,
)
from wherry_control.functions import FunctionVersion, Traffic
from wherry_control.gateway import Stack
from wherry_control.targets import Target

TARGET = Target(name="local", account="1", region="r", api_url="http://127.0.0.1:1/{api}/{stage}")
OUTPUTS = {
    "FunctionName": "wherry-dev-iris",
    "Version": "2",
    "RestApiId": "abc",
    "Stage": "dev",
    "ApiKeyId": "key",
}


class FakeCloud(FakeLambda):
    def __init__(self, more: Mapping[str, str] = MappingProxyType({}), **statuses: str) -> None:
        super().__init__()
        self._stacks = {
            name.replace("_", "-"): Stack(name, status, {**OUTPUTS, **more})
            for name, status in statuses.items()
        }
        for number in ("1", "2"):
            told = {"WHERRY_MODEL_VERSION": number, "WHERRY_DIGEST": f"sha256:{number}"}
            self.publish(FunctionVersion(number, environment=told))

    def stack(self, name: str) -> Stack | None:
        return self._stacks.get(name)


class FakeCdk:
    def __init__(self) -> None:
        self.did: list[tuple[str, ...]] = []

    def bootstrap(self) -> None:
        self.did.append(("bootstrap",))

    def deploy(self, stacks: Sequence[str]) -> None:
        self.did.append(("deploy", *stacks))

    def diff(self, stacks: Sequence[str]) -> None:
        self.did.append(("diff", *stacks))


def deployments(root: Path, cdk: FakeCdk, cloud: FakeCloud, **parts: Any) -> Deployments:
    prepare = lambda: cdk.did.append(("prepare",))  # noqa: E731 (one line says it)
    defaults = {
        "root": root,
        "target": TARGET,
        "cloud": cloud,
        "cdk": cdk,
        "check": lambda _models: None,
        "prepare": prepare,
    }
    return Deployments(**{**defaults, **parts})


def test_a_deploy_prepares_then_deploys_then_tells_what_is_there(tmp_path: Path) -> None:
    cdk, cloud = FakeCdk(), FakeCloud(Wherry_dev_iris="UPDATE_COMPLETE")
    request = Request(models=["iris"], store=True, bootstrap=True)

    report = deployments(tmp_path, cdk, cloud).run(request)

    assert cdk.did == [
        ("bootstrap",),
        ("prepare",),
        ("deploy", "Wherry-dev-Store", "Wherry-dev-Operations", "Wherry-dev-iris"),
    ]
    assert report.bootstrapped
    assert report.store == "s3://wherry-dev-1-r"
    told = report.models[0]
    assert (told.release, told.model_version, told.digest) == ("2", 2, "sha256:2")
    assert told.url == "http://127.0.0.1:1/abc/dev"
    assert told.live == Traffic("1")
    assert told.work == []


@pytest.mark.parametrize(
    ("outputs", "work"),
    [
        ({"BatchMachineArn": "arn", "BatchSchedule": "name"}, ["batch"]),
        ({"JobsQueueUrl": "u", "MessagesQueueUrl": "u", "MessagesDeadUrl": "u"}, ["queue", "jobs"]),
    ],
)
def test_a_deploy_tells_what_else_the_model_takes(
    tmp_path: Path, outputs: dict[str, str], work: list[str]
) -> None:
    cloud = FakeCloud(outputs, Wherry_dev_iris="UPDATE_COMPLETE")

    report = deployments(tmp_path, FakeCdk(), cloud).run(Request(models=["iris"]))

    assert report.models[0].work == work


@pytest.mark.parametrize(
    ("release", "entries", "untried"),
    [("2", 3, True), ("1", 0, True), ("1", 3, False)],
    ids=["the candidate", "the very first", "what serves already"],
)
def test_a_rollout_begins_with_what_was_never_tried(
    release: str, entries: int, *, untried: bool
) -> None:
    """So that deploying what is deployed already begins none."""
    found = Deployed(
        model="iris",
        stack="Wherry-dev-iris",
        function="wherry-dev-iris",
        release=release,
        model_version=1,
        digest="",
        url="",
        api_key_id=None,
        live=Traffic("1"),
    )

    assert is_untried(found, [object()] * entries) is untried


def test_a_dry_run_shows_the_difference_and_changes_nothing(tmp_path: Path) -> None:
    cdk = FakeCdk()
    request = Request(models=["iris"], bootstrap=True)

    report = deployments(tmp_path, cdk, FakeCloud(), dry_run=True).run(request)

    assert cdk.did == [("prepare",), ("diff", "Wherry-dev-iris")]
    assert not report.bootstrapped
    assert report.stacks == ["Wherry-dev-iris"]
    assert report.models == []


def test_a_model_that_fails_its_check_starts_nothing(tmp_path: Path) -> None:
    """Such as an artifact that the target's store does not hold."""
    cdk = FakeCdk()

    def check(models: Sequence[str]) -> None:
        raise CloudError("store", f"no artifact of {models[0]}")

    with pytest.raises(CloudError, match="no artifact of iris"):
        deployments(tmp_path, cdk, FakeCloud(), check=check).run(
            Request(models=["iris"], bootstrap=True)
        )

    assert cdk.did == []


@pytest.mark.parametrize("status", ["ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED", "DELETE_FAILED"])
def test_a_half_finished_stack_is_not_touched_and_says_how_to_mend_it(
    tmp_path: Path, status: str
) -> None:
    cdk = FakeCdk()

    with pytest.raises(CloudError, match="half-finished") as caught:
        deployments(tmp_path, cdk, FakeCloud(Wherry_dev_iris=status)).run(Request(models=["iris"]))

    assert ("deploy", "Wherry-dev-iris") not in cdk.did
    assert "--stack-name Wherry-dev-iris" in caught.value.todo


def test_a_stack_that_somebody_else_deploys_is_waited_for() -> None:
    with pytest.raises(ConflictError, match=r"UPDATE_IN_PROGRESS.*Wait"):
        check_state(Stack("s", "UPDATE_IN_PROGRESS", {}), "s")


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"])
def test_a_stack_that_never_came_to_be_is_made_again_by_the_cdk(status: str) -> None:
    check_state(Stack("s", status, {}), "s")


def test_two_deploys_at_once_exclude_each_other(tmp_path: Path) -> None:
    cloud = FakeCloud(Wherry_dev_iris="CREATE_COMPLETE")
    second = deployments(tmp_path, FakeCdk(), cloud)
    refused = []

    def meanwhile() -> None:
        with pytest.raises(ConflictError, match="another deploy") as caught:
            second.run(Request(models=["iris"]))
        refused.append(caught.value)

    deployments(tmp_path, FakeCdk(), cloud, prepare=meanwhile).run(Request(models=["iris"]))

    assert len(refused) == 1
    assert second.run(Request(models=["iris"])).models


def test_a_model_that_is_not_deployed_says_how_to_deploy_it() -> None:
    with pytest.raises(CloudError, match="Run `wherry deploy digits --target local`"):
        deployed(FakeCloud(), TARGET, "digits")
