"""
What a batch run goes through: a state machine that plans it, lets a function do the partitions side
by side, and counts what came of it. It computes nothing itself and keeps no rows.

The function is called by its version: a run goes on with the code that it began with, whatever is
deployed meanwhile. A run that is not complete fails, and starting it again does what is missing.
"""

import json
from collections.abc import Sequence

from aws_cdk import Acknowledgment, Aws, RemovalPolicy, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.components.failed_alarm import failed_alarm
from infra.components.grant import grant
from infra.components.machine import definition
from infra.components.worker import HERE, Place, Worker
from infra.workers import BatchSettings

PLAN = "_wherry/plan.jsonl"


class Batch(Construct):
    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        settings: BatchSettings,
        worker: Worker,
        log: logs.ILogGroup,
    ) -> None:
        """`name` is that of the function of `worker`, and of the machine."""
        super().__init__(scope, id_)
        self._name = name
        self.arn = f"arn:{Aws.PARTITION}:states:{HERE}:stateMachine:{name}"
        self._role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        self._grant_runs()
        version = worker.function.current_version.function_arn
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=name,
            comment="Runs one batch prediction: plan, predict the partitions, count",
            role=self._role,
            definition_body=sfn.DefinitionBody.from_string(
                json.dumps(definition(version, settings))  # to_json_string() leaves out each null
            ),
            logs=sfn.LogOptions(destination=log, level=sfn.LogLevel.ALL),
            tracing_enabled=True,
            removal_policy=RemovalPolicy.DESTROY,
        )
        failed_alarm(self, self.machine, "A batch run ended, and is not complete: start it again.")

    def open_to(self, worker: Worker, *, reads: Sequence[Place], writes: Sequence[Place]) -> None:
        """Which data its function may read and write; the machine reads the plan of a run."""
        for place in reads:
            place.grant(worker.role, "GetObject", why="The input is any number of objects.")
            place.grant_list(worker.role)
        for place in writes:
            place.grant(
                worker.role, "GetObject", "PutObject", "AbortMultipartUpload",
                why="Each run and each partition has objects of its own.",
            )  # fmt: skip
            place.grant_list(worker.role)
            grant(self._role, ["s3:GetObject"], place.below(PLAN))
            grant(
                self._role,
                ["s3:GetObject"],
                place.below(f"*/{PLAN}"),
                wildcard="Each run has a folder of its own, and its plan is in it.",
            )

    def _grant_runs(self) -> None:
        grant(
            self._role,
            ["lambda:InvokeFunction"],
            f"arn:{Aws.PARTITION}:lambda:{HERE}:function:{self._name}:*",
            wildcard="A run that began before a deploy ends with the version that it began with.",
        )
        grant(self._role, ["states:StartExecution"], self.arn)
        for runs in (f"{self._name}:*", f"{self._name}/*"):
            grant(
                self._role,
                ["states:DescribeExecution", "states:StopExecution"],
                f"arn:{Aws.PARTITION}:states:{HERE}:execution:{runs}",
                wildcard="A distributed map starts each partition as an execution of this machine.",
            )
        Validations.of(self._role).acknowledge(
            Acknowledgment(
                id="AwsSolutions-IAM5[Resource::*]",
                reason="What Step Functions needs to write logs and traces knows no resources.",
            )
        )
