"""What a GitHub workflow may become, and what it may do then."""

from typing import Any

import pytest

from tests.infra.synth import Template, of_type, only, text

ISSUER = "token.actions.githubusercontent.com"
PARTITION, REGION, ACCOUNT = "${AWS::Partition}", "${AWS::Region}", "${AWS::AccountId}"
ARTIFACTS = f"arn:{PARTITION}:s3:::wherry-dev-{ACCOUNT}-{REGION}/artifacts/*"
FUNCTIONS = f"arn:{PARTITION}:lambda:{REGION}:{ACCOUNT}:function:wherry-dev-*"


@pytest.fixture(scope="module")
def ci(image_app: dict[str, Template]) -> Template:
    return image_app["Wherry-dev-Ci"]


def role(ci: Template, name: str) -> dict[str, Any]:
    (found,) = [
        each["Properties"]
        for each in of_type(ci, "AWS::IAM::Role")
        if each["Properties"]["RoleName"] == name
    ]
    return found


def bootstrap(kind: str) -> str:
    return f"arn:{PARTITION}:iam::{ACCOUNT}:role/cdk-hnb659fds-{kind}-role-{ACCOUNT}-{REGION}"


def allowed(ci: Template, name: str) -> dict[str, str]:
    """Action to resource, of the role whose default policy's logical id begins like its job."""
    job = name.removeprefix("wherry-dev-").title()
    (policy,) = [
        resource["Properties"]["PolicyDocument"]["Statement"]
        for id_, resource in ci["Resources"].items()
        if resource["Type"] == "AWS::IAM::Policy" and id_.startswith(job)
    ]
    return {text(each["Action"]): text(each["Resource"]) for each in policy}


def table(noun: str) -> str:
    return f"arn:{PARTITION}:dynamodb:{REGION}:{ACCOUNT}:table/wherry-dev-{noun}"


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("wherry-dev-deploy", "repo:owner/name:ref:refs/heads/main"),
        ("wherry-dev-release", "repo:owner/name:ref:refs/heads/main"),
        ("wherry-dev-diff", "repo:owner/name:pull_request"),
    ],
)
def test_a_role_trusts_one_repository_and_one_kind_of_ref(
    ci: Template, name: str, subject: str
) -> None:
    (statement,) = role(ci, name)["AssumeRolePolicyDocument"]["Statement"]

    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert text(statement["Principal"]["Federated"]).endswith(f":oidc-provider/{ISSUER}")
    assert statement["Condition"] == {
        "StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": subject}
    }


def test_deploy_looks_and_becomes_the_roles_that_bootstrap_made(ci: Template) -> None:
    assert allowed(ci, "wherry-dev-deploy") == {
        "sts:AssumeRole": bootstrap("*"),
        "s3:GetObject": ARTIFACTS,
        "cloudformation:DescribeStacks": (
            f"arn:{PARTITION}:cloudformation:{REGION}:{ACCOUNT}:stack/Wherry-dev-*"
        ),
        "lambda:GetAlias lambda:ListVersionsByFunction": FUNCTIONS,
    }


def test_diff_only_looks(ci: Template) -> None:
    assert allowed(ci, "wherry-dev-diff") == {
        "sts:AssumeRole": bootstrap("lookup"),
        "s3:GetObject": ARTIFACTS,
    }


def test_release_rolls_out_and_reads_what_that_needs(ci: Template) -> None:
    moves = (
        "lambda:GetAlias lambda:GetFunctionConfiguration lambda:InvokeFunction "
        "lambda:ListVersionsByFunction lambda:UpdateAlias"
    )

    assert allowed(ci, "wherry-dev-release") == {
        moves: FUNCTIONS,
        "dynamodb:PutItem dynamodb:Query": table("ledger"),
        "dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem": table("rollouts"),
        "dynamodb:Query": f"{table('evidence')} {table('outcomes')}",
        "states:StartExecution": (
            f"arn:{PARTITION}:states:{REGION}:{ACCOUNT}:stateMachine:wherry-dev-rollout_runner"
        ),
        "states:DescribeExecution": (
            f"arn:{PARTITION}:states:{REGION}:{ACCOUNT}:execution:wherry-dev-rollout_runner:*"
        ),
        "cloudwatch:GetMetricData": "*",
        "logs:FilterLogEvents": (
            f"arn:{PARTITION}:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/wherry-dev-*"
        ),
        "s3:GetObject": ARTIFACTS,
    }


def test_the_provider_has_a_stack_of_its_own(image_app: dict[str, Template]) -> None:
    """The local AWS has no such resource; an account has one for all its projects."""
    provider = only(image_app["Wherry-GithubIdentity"], "AWS::IAM::OIDCProvider")

    assert provider["Url"] == f"https://{ISSUER}"
    assert provider["ClientIdList"] == ["sts.amazonaws.com"]
