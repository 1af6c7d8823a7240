"""
What must wake somebody. Every alarm is on one plain metric, on the dimensions that Lambda and API
Gateway really emit: traffic through an alias is counted under `Resource = function:alias`, and the
two sides of a rollout are told apart by `ExecutedVersion` only (CDK's `version.metric_errors()`
asks for `Resource = function:version`, which alias traffic never has).
"""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

MINUTE = Duration.minutes(1)


class Alarms(Construct):
    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        live: Mapping[str, str],
        candidate: str,
        stage: apigateway.Stage,
        slo_ms: int,
    ) -> None:
        super().__init__(scope, id_)
        self._alarm(
            "LiveErrors",
            "A release behind the live alias crashed or timed out.",
            self._errors(live),
        )
        self._alarm(
            "CandidateErrors",
            "The release that this template published crashed or timed out behind the live alias.",
            self._errors({**live, "ExecutedVersion": candidate}),
        )
        self._alarm(
            "ServerErrors",
            "API Gateway answered 5xx.",
            stage.metric_server_error(period=MINUTE, statistic="Sum"),
        )
        self._alarm(
            "SlowRequests",
            f"One request in a hundred took longer than the model's {slo_ms} ms.",
            stage.metric_latency(period=MINUTE, statistic="p99"),
            threshold=slo_ms,
            minutes=5,
        )

    def _errors(self, dimensions: Mapping[str, str]) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/Lambda",
            metric_name="Errors",
            dimensions_map=dimensions,
            statistic="Sum",
            period=MINUTE,
        )

    def _alarm(
        self,
        id_: str,
        meaning: str,
        metric: cloudwatch.IMetric,
        *,
        threshold: float = 0,
        minutes: int = 1,
    ) -> None:
        cloudwatch.Alarm(
            self,
            id_,
            alarm_description=meaning,
            metric=metric,
            threshold=threshold,
            evaluation_periods=minutes,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
