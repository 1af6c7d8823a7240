"""Targets: where a command acts, and as whom."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from wherry.errors import ConfigurationError, CredentialsError, ToolError, UsageError
from wherry_control.targets import Target, load_aws, load_local, load_target

LOCAL = {
    "name": "local",
    "account": "000000000000",
    "region": "us-east-1",
    "api_url": "http://127.0.0.1:4566/restapis/{api}/{stage}/_user_request_",
    "environment": {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_ACCESS_KEY_ID": "test"},
    "packaging": "zip",
    "base_image": None,
    "python": "3.13",
}


def write_local(root: Path, told: object) -> None:
    file = root / ".wherry" / "local" / "target.json"
    file.parent.mkdir(parents=True)
    file.write_text(told if isinstance(told, str) else json.dumps(told))


def test_the_local_target_is_what_local_up_wrote(tmp_path: Path) -> None:
    write_local(tmp_path, LOCAL)

    target = load_local(tmp_path, "dev", answers=lambda _url: True)

    assert target.store_url == "s3://wherry-dev-000000000000-us-east-1"
    assert target.function("iris") == "wherry-dev-iris"
    assert target.stack("iris") == "Wherry-dev-iris"
    assert target.url("abc", "dev") == ("http://127.0.0.1:4566/restapis/abc/dev/_user_request_")
    assert target.packaging == "zip"


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-north-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_what_runs_rollouts_is_found_by_name_alone(region: str, partition: str) -> None:
    """So that no command asks CloudFormation for it."""
    target = Target(name="aws", account="123456789012", region=region, api_url="")

    assert target.runner_arn == (
        f"arn:{partition}:states:{region}:123456789012:stateMachine:wherry-dev-rollout_runner"
    )
    assert target.batch_machine_arn("iris") == (
        f"arn:{partition}:states:{region}:123456789012:stateMachine:wherry-dev-iris-batch"
    )
    assert target.operations_stack == "Wherry-dev-Operations"
    tables = (target.rollouts_table, target.evidence_table, target.outcomes_table)
    assert tables == ("wherry-dev-rollouts", "wherry-dev-evidence", "wherry-dev-outcomes")


def test_a_local_aws_that_was_never_started_says_how_to_start_it(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="Run `wherry local up`"):
        load_local(tmp_path, "dev", answers=lambda _url: True)


def test_a_local_aws_that_died_is_noticed(tmp_path: Path) -> None:
    write_local(tmp_path, LOCAL)

    with pytest.raises(ToolError, match="nobody answers"):
        load_local(tmp_path, "dev", answers=lambda _url: False)


@pytest.mark.parametrize("told", ["{", "[]", "{}", json.dumps({**LOCAL, "more": 1})])
def test_a_target_file_of_another_kind_is_refused(tmp_path: Path, told: str) -> None:
    write_local(tmp_path, told)

    with pytest.raises(ConfigurationError, match="cannot be understood"):
        load_local(tmp_path, "dev", answers=lambda _url: True)


def test_an_unknown_target_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="local, aws"):
        load_target("azure", root=tmp_path)


def test_a_targets_identity_replaces_whatever_the_shell_had() -> None:
    target = Target(
        name="local", account="1", region="r", api_url="", variables={"AWS_ACCESS_KEY_ID": "test"}
    )
    shell = {"AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "secret", "PATH": "/bin"}

    assert target.environ(shell) == {"PATH": "/bin", "AWS_ACCESS_KEY_ID": "test"}


class FrozenKeys:
    access_key, secret_key, token = "AKIA", "secret", None

    def get_frozen_credentials(self) -> "FrozenKeys":
        return self


class FakeSession:
    """A boto3 session for STS alone; `fails` is what the call raises."""

    def __init__(self, region: str | None = "eu-west-1", fails: Exception | None = None) -> None:
        self.region_name = region
        self._fails = fails

    def client(self, service: str) -> "FakeSession":
        assert service == "sts"
        return self

    def get_caller_identity(self) -> dict[str, str]:
        if self._fails:
            raise self._fails
        return {"Account": "123456789012"}

    def get_credentials(self) -> FrozenKeys:
        return FrozenKeys()


def aws(session: Any) -> Target:
    return load_aws(session, "prod")


def test_the_aws_target_asks_who_it_is_and_keeps_that_identity() -> None:
    target = aws(FakeSession())

    assert (target.account, target.region) == ("123456789012", "eu-west-1")
    assert target.variables == {
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    assert target.url("abc", "prod") == ("https://abc.execute-api.eu-west-1.amazonaws.com/prod")


def test_no_region_is_told_before_anything_is_asked() -> None:
    with pytest.raises(ConfigurationError, match="Pass --region"):
        aws(FakeSession(region=None))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NoCredentialsError(), "no AWS credentials"),
        (ClientError({"Error": {"Code": "ExpiredToken"}}, "GetCallerIdentity"), "have expired"),
        (ClientError({"Error": {"Code": "InvalidClientTokenId"}}, "x"), "does not know these"),
    ],
)
def test_missing_expired_and_unknown_credentials_say_what_to_do(
    error: Exception, said: str
) -> None:
    with pytest.raises(CredentialsError, match=said) as caught:
        aws(FakeSession(fails=error))

    assert "--profile" in caught.value.todo


def test_the_region_of_the_environment_is_taken_as_every_other_sdk_takes_it() -> None:
    """boto3 alone reads AWS_DEFAULT_REGION only."""
    script = (
        "import os; os.environ.pop('AWS_DEFAULT_REGION'); os.environ['AWS_REGION'] = 'eu-west-1'; "
        "from wherry_control.targets import _session; print(_session(None, None).region_name, "
        "_session(None, 'us-east-2').region_name)"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["eu-west-1", "us-east-2"]


def test_no_other_endpoint_counts_on_a_target_that_has_one(tmp_path: Path) -> None:
    write_local(tmp_path, LOCAL)
    target = load_local(tmp_path, "dev", answers=lambda _url: True)

    told = target.environ({"AWS_ENDPOINT_URL_LAMBDA": "http://elsewhere", "PATH": "/bin"})

    assert "AWS_ENDPOINT_URL_LAMBDA" not in told
    assert told["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
