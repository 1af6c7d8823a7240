"""Somebody is woken when an execution of a state machine has failed."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct


def failed_alarm(scope: Construct, machine: sfn.StateMachine, meaning: str) -> None:
    """`meaning` is for who is woken."""
    cloudwatch.Alarm(
        scope,
        "Failed",
        alarm_description=meaning,
        metric=machine.metric_failed(period=Duration.minutes(1), statistic="Sum"),
        threshold=0,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
