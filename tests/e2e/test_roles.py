"""What the roles of CI may not do, asked of an AWS that enforces IAM."""

import pytest
from botocore.exceptions import ClientError

from tests.support.cloud import MAIN, Cloud

pytestmark = pytest.mark.e2e

FUNCTION = "wherry-dev-iris"


def test_a_fork_gets_no_role(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        cloud.assume("deploy", MAIN.replace("me/app", "someone/fork"))


def test_the_deploy_role_cannot_move_the_alias(cloud: Cloud) -> None:
    role = cloud.client("lambda", cloud.assume("deploy"))

    with pytest.raises(ClientError, match="AccessDenied"):
        role.update_alias(FunctionName=FUNCTION, Name="live", FunctionVersion="2")


def test_the_release_role_can_move_the_alias_and_nothing_else(cloud: Cloud) -> None:
    keys = cloud.assume("release")

    with pytest.raises(ClientError, match="AccessDenied"):
        cloud.client("lambda", keys).delete_function(FunctionName=FUNCTION)
    with pytest.raises(ClientError, match="AccessDenied"):
        cloud.client("s3", keys).list_buckets()
    with pytest.raises(ClientError, match="AccessDenied"):
        cloud.client("sts", keys).assume_role(
            RoleArn=f"arn:aws:iam::{cloud.target['account']}:role/wherry-dev-deploy",
            RoleSessionName="other",
        )
