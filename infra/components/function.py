"""
A Lambda function that may write its own logs and traces, and nothing else until a stack grants it.

Lambda's own managed policy lets a function write every log group of the account; this one may not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aws_cdk import Acknowledgment, Duration, RemovalPolicy, Size, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

ARCHITECTURES = {"x86_64": lambda_.Architecture.X86_64, "arm64": lambda_.Architecture.ARM_64}


@dataclass(frozen=True, kw_only=True)
class Code:
    """What runs, and how Lambda starts it."""

    asset: lambda_.Code
    handler: str
    runtime: lambda_.Runtime


@dataclass(frozen=True, kw_only=True)
class FunctionSpec:
    """`name` is None where nobody needs to know it; CloudFormation then makes one."""

    name: str | None = None
    description: str
    code: Code
    architecture: lambda_.Architecture = lambda_.Architecture.X86_64
    memory_mb: int
    timeout_seconds: int
    scratch_mb: int | None = None  # of /tmp, where Lambda's own 512 are not enough
    environment: Mapping[str, str] = field(default_factory=dict)
    version_description: str | None = None
    snap_start: bool = False
    layers: Sequence[lambda_.ILayerVersion] = ()


class Function(Construct):
    def __init__(
        self, scope: Construct, id_: str, *, spec: FunctionSpec, log_group: logs.ILogGroup
    ) -> None:
        super().__init__(scope, id_)
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=spec.name,
            description=spec.description,
            code=spec.code.asset,
            handler=spec.code.handler,
            runtime=spec.code.runtime,
            architecture=spec.architecture,
            memory_size=spec.memory_mb,
            timeout=Duration.seconds(spec.timeout_seconds),
            ephemeral_storage_size=Size.mebibytes(spec.scratch_mb) if spec.scratch_mb else None,
            environment=spec.environment,
            layers=list(spec.layers) or None,
            tracing=lambda_.Tracing.ACTIVE,
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if spec.snap_start else None,
            log_group=log_group,
            role=self.role,
            current_version_options=lambda_.VersionOptions(
                description=spec.version_description,
                removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
            ),
        )
        log_group.grant_write(self.role)
        self._acknowledge()

    def _acknowledge(self) -> None:
        Validations.of(self.role).acknowledge(
            Acknowledgment(
                id="AwsSolutions-IAM5[Resource::*]",
                reason="xray:PutTraceSegments and PutTelemetryRecords know no resources.",
            )
        )
        Validations.of(self.function).acknowledge(
            Acknowledgment(
                id="AwsSolutions-L1",
                reason="The wheels, the image and the tests are for one pinned Python; a newer "
                "runtime is a change of that pin, not of the template.",
            )
        )
