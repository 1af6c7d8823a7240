"""Somebody is woken when an execution of a state machine has failed, or was ended by others."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

EVERY = Duration.minutes(1)


def failed_alarm(scope: Construct, machine: sfn.StateMachine, meaning: str) -> None:
    """`meaning` is for who is woken."""
    failed = machine.metric_failed(period=EVERY, statistic="Sum")
    _alarm(scope, "Failed", failed, meaning)


def stopped_alarms(scope: Construct, machine: sfn.StateMachine, meaning: str) -> None:
    """For a machine that nobody should stop: what others end counts as no failure of its own."""
    aborted = machine.metric_aborted(period=EVERY, statistic="Sum")
    _alarm(scope, "Aborted", aborted, meaning)
    timed_out = machine.metric_timed_out(period=EVERY, statistic="Sum")
    _alarm(scope, "TimedOut", timed_out, meaning)


def _alarm(scope: Construct, id_: str, metric: cloudwatch.IMetric, meaning: str) -> None:
    cloudwatch.Alarm(
        scope,
        id_,
        alarm_description=meaning,
        metric=metric,
        threshold=0,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
