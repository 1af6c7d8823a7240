"""
A function for work that no request brings. It has no release of its own: it asks the alias of the
model's function what is live, and reads artifacts by their content address.
"""

from dataclasses import dataclass

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.components.function import Function, FunctionSpec
from infra.components.grant import grant

HERE = f"{Aws.REGION}:{Aws.ACCOUNT_ID}"


@dataclass(frozen=True, kw_only=True)
class Place:
    """
    Objects of a bucket: those below `prefix`, all where it is empty; and, unless it is a `folder`,
    the one that is called so.
    """

    bucket: str
    prefix: str
    folder: bool

    @classmethod
    def of(cls, url: str) -> "Place":
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        return cls(bucket=bucket, prefix=prefix.rstrip("/"), folder=not prefix or url[-1] == "/")

    @property
    def _arn(self) -> str:
        return f"arn:{Aws.PARTITION}:s3:::{self.bucket}"

    def below(self, name: str) -> str:
        """The ARN of `name` in it."""
        return "/".join(part for part in (self._arn, self.prefix, name) if part)

    def grant(self, role: iam.Role, *actions: str, why: str) -> None:
        """Let `role` do that to all its objects."""
        told = [f"s3:{action}" for action in actions]
        grant(role, told, self.below("*"), wildcard=why)
        if not self.folder:
            grant(role, told, self.below(""))

    def grant_list(self, role: iam.Role) -> None:
        """Let `role` see what there is; without it, S3 says "denied" of what is absent."""
        prefixes = {"StringLike": {"s3:prefix": [self.prefix, f"{self.prefix}/*"]}}
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:ListBucket"],
                resources=[self._arn],
                conditions=prefixes if self.prefix else None,  # who lists all names no prefix
            )
        )


class Worker(Construct):
    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        spec: FunctionSpec,
        log: logs.ILogGroup,
        function: str,
        store: str,
    ) -> None:
        """`function` is the name of the model's own, and `store` that of the store's bucket."""
        super().__init__(scope, id_)
        made = Function(self, "Function", spec=spec, log_group=log)
        self.function, self.role = made.function, made.role
        grant_artifacts(self.role, store)
        own = f"arn:{Aws.PARTITION}:lambda:{HERE}:function:{function}"
        told = ["lambda:GetAlias", "lambda:GetFunctionConfiguration"]
        grant(self.role, told, own)
        grant(
            self.role,
            told,
            f"{own}:*",
            wildcard="Which versions are live is known when work comes, not when this is deployed; "
            "it reads what they serve and can move and call none.",
        )


def grant_artifacts(role: iam.Role, store: str) -> None:
    """Read by content address, never list: docs/decisions/0003-artifact-access.md says why."""
    grant(
        role,
        ["s3:GetObject"],
        f"arn:{Aws.PARTITION}:s3:::{store}/artifacts/sha256/*",
        wildcard="One role serves the stable release and the candidate, and older ones after "
        "a rollback, so it may read more than the newest digest. It may not list, so it can "
        "read only an artifact whose 256-bit content address it was given.",
    )
