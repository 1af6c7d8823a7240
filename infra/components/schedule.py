"""
Starts a machine at the times that a schedule tells, each time with what it was told here.

A start that fails is tried again for hours; one that was given up is a dead letter, and somebody is
woken. EventBridge Scheduler may start one twice: the second run finds all done.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra.components.grant import grant
from infra.components.queue import Letters
from infra.components.worker import HERE

GROUP = "default"
WHEN = "<aws.scheduler.scheduled-time>"  # EventBridge Scheduler puts the time there
AGE_SECONDS, TRIES = 6 * 3600, 60


@dataclass(frozen=True, kw_only=True)
class ScheduleSpec:
    """`expression` is `cron(…)` or `rate(…)`; `told` is the input of each execution."""

    name: str
    expression: str
    timezone: str
    told: Mapping[str, object]


class Schedule(Construct):
    def __init__(self, scope: Construct, id_: str, *, spec: ScheduleSpec, machine: str) -> None:
        """`machine` is its ARN."""
        super().__init__(scope, id_)
        dead = Letters(self, "Dead", name=f"{spec.name}-dead")
        dead.alarm("A scheduled run was not started, and is tried no more.")
        role = self._role()
        grant(role, ["states:StartExecution"], machine)
        grant(role, ["sqs:SendMessage"], dead.queue.queue_arn)
        made = scheduler.CfnSchedule(
            self,
            "Schedule",
            name=spec.name,
            group_name=GROUP,
            schedule_expression=spec.expression,
            schedule_expression_timezone=spec.timezone,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=machine,
                role_arn=role.role_arn,
                input=json.dumps(spec.told),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=AGE_SECONDS, maximum_retry_attempts=TRIES
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(
                    arn=dead.queue.queue_arn
                ),
            ),
        )
        made.node.add_dependency(role)  # it is tried when the schedule is made

    def _role(self) -> iam.Role:
        """The schedules of this account alone may take it."""
        group = f"arn:{Aws.PARTITION}:scheduler:{HERE}:schedule-group/{GROUP}"
        told = {"aws:SourceAccount": Aws.ACCOUNT_ID, "aws:SourceArn": group}
        service = iam.ServicePrincipal("scheduler.amazonaws.com", conditions={"StringEquals": told})
        return iam.Role(self, "Role", assumed_by=service)
