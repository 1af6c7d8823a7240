"""
The roles that GitHub Actions assumes by OIDC, each for one job and one kind of ref.

None can do more to the account than its job: `deploy` and `diff` change nothing themselves but
assume roles that `cdk bootstrap` made, `release` only rolls out: it moves the aliases of this
environment and starts what moves them. Forks get no token that these roles trust, and no key is
stored anywhere.
"""

from aws_cdk import Aws, DefaultStackSynthesizer, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.components.grant import grant
from infra.config import Environment
from infra.stacks.identity import ISSUER
from infra.stacks.operations import RUNNER
from infra.stacks.store import bucket_name

MAIN = "ref:refs/heads/main"
PULL_REQUEST = "pull_request"
HERE = f"{Aws.REGION}:{Aws.ACCOUNT_ID}"


class Ci(Stack):
    def __init__(
        self, scope: Construct, id_: str, *, environment: Environment, repository: str
    ) -> None:
        super().__init__(
            scope,
            id_,
            description=f"Wherry {environment.name}: what {repository} may do from its workflows",
            termination_protection=environment.protected,
        )
        self._environment = environment
        self._repository = repository

        deploy = self._role("deploy", MAIN)
        self._grant_bootstrap(deploy, "*", "It deploys, publishes images and files, and looks up.")
        self._grant_look(deploy)
        diff = self._role("diff", PULL_REQUEST)
        self._grant_bootstrap(diff, "lookup")
        self._grant_artifacts(diff, "A lock whose artifact is not there is told before the merge.")
        self._grant_release(self._role("release", MAIN))

    def _role(self, job: str, ref: str) -> iam.Role:
        provider = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:oidc-provider/{ISSUER}"
        return iam.Role(
            self,
            job.title(),
            role_name=self._environment.named(job),
            description=f"{self._repository}: {job}",
            assumed_by=iam.WebIdentityPrincipal(
                provider,
                {
                    "StringEquals": {
                        f"{ISSUER}:aud": "sts.amazonaws.com",
                        f"{ISSUER}:sub": f"repo:{self._repository}:{ref}",
                    }
                },
            ),
        )

    def _grant_bootstrap(self, role: iam.Role, kind: str, wildcard: str = "") -> None:
        name = f"cdk-{DefaultStackSynthesizer.DEFAULT_QUALIFIER}-{kind}-role"
        arn = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role/{name}-{Aws.ACCOUNT_ID}-{Aws.REGION}"
        grant(role, ["sts:AssumeRole"], arn, wildcard=wildcard)

    def _grant_look(self, role: iam.Role) -> None:
        """What `wherry deploy` reads: is the artifact there, is the stack free, what came of it."""
        named = self._environment.named
        grant(
            role,
            ["cloudformation:DescribeStacks"],
            f"arn:{Aws.PARTITION}:cloudformation:{HERE}:stack/Wherry-{self._environment.name}-*",
            wildcard="The stacks of every model of this environment are deployed alike.",
        )
        grant(
            role,
            ["lambda:GetAlias", "lambda:ListVersionsByFunction"],
            f"arn:{Aws.PARTITION}:lambda:{HERE}:function:{named('*')}",
            wildcard="Every model of this environment is deployed by the same workflow.",
        )
        self._grant_artifacts(role, "The artifact of any model must be there before its release.")

    def _grant_artifacts(self, role: iam.Role, why: str) -> None:
        grant(
            role,
            ["s3:GetObject"],
            f"arn:{Aws.PARTITION}:s3:::{bucket_name(self._environment)}/artifacts/*",
            wildcard=why,
        )

    def _grant_release(self, role: iam.Role) -> None:
        named = self._environment.named
        grant(
            role,
            [
                "lambda:GetAlias",
                "lambda:UpdateAlias",
                "lambda:GetFunctionConfiguration",
                "lambda:ListVersionsByFunction",
                "lambda:InvokeFunction",
            ],
            f"arn:{Aws.PARTITION}:lambda:{HERE}:function:{named('*')}",
            wildcard="Every model of this environment is released by the same workflow.",
        )
        for noun, actions in {
            "ledger": ["dynamodb:PutItem", "dynamodb:Query"],
            "rollouts": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
            "evidence": ["dynamodb:Query"],
            "outcomes": ["dynamodb:Query"],
        }.items():
            grant(role, actions, f"arn:{Aws.PARTITION}:dynamodb:{HERE}:table/{named(noun)}")
        grant(
            role,
            ["states:StartExecution"],
            f"arn:{Aws.PARTITION}:states:{HERE}:stateMachine:{named(RUNNER)}",
        )
        grant(
            role,
            ["states:DescribeExecution"],
            f"arn:{Aws.PARTITION}:states:{HERE}:execution:{named(RUNNER)}:*",
            wildcard="What ticked a rollout may have come to its end, whichever rollout it was.",
        )
        grant(
            role,
            ["logs:FilterLogEvents"],
            f"arn:{Aws.PARTITION}:logs:{HERE}:log-group:/aws/lambda/{named('*')}",
            wildcard="How a shadow agreed stands in the log of its model, whichever that is.",
        )
        grant(role, ["cloudwatch:GetMetricData"], "*", wildcard="GetMetricData knows no resources.")
        self._grant_artifacts(role, "Golden examples of any candidate are replayed before a move.")
