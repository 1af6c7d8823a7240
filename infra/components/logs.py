"""A log group that forgets: each entry is deleted at its age, the group with its stack."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct


class Logs(Construct):
    def __init__(
        self, scope: Construct, id_: str, *, retention_days: int, name: str | None = None
    ) -> None:
        super().__init__(scope, id_)
        self.group = logs.LogGroup(
            self, "Group", log_group_name=name, removal_policy=RemovalPolicy.DESTROY
        )
        resource = self.group.node.default_child
        assert isinstance(resource, logs.CfnLogGroup)  # noqa: S101 - narrows jsii's type
        resource.retention_in_days = retention_days  # the L2 enumeration spells days out in words
