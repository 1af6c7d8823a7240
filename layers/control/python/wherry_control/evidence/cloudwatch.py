"""
What Lambda counted of the releases behind the alias, from CloudWatch.

A function that runs out of time or memory, or that never comes to life, writes no line of ours; its
failures are here. The dimensions are those of traffic through an alias: a version's own metric
(`Resource = function:version`) has none of it. CloudWatch may be minutes late, and says less.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from wherry_control.aws_errors import translated
from wherry_control.evidence.sources import Invoked
from wherry_control.functions import ALIAS

PERIOD = 60  # seconds
METRICS = ("Invocations", "Errors")


@dataclass(frozen=True)
class CloudWatchPlatform:
    """`Platform` over GetMetricData; `client` is boto3's `cloudwatch`."""

    client: Any

    def invoked(
        self, function: str, releases: Sequence[str], since: datetime, until: datetime
    ) -> Sequence[Invoked]:
        """See Platform; minutes that begin in [since, until)."""
        asked = {
            f"m{number}": (metric, release)
            for number, (metric, release) in enumerate(
                (metric, release) for release in releases for metric in METRICS
            )
        }
        found: dict[tuple[datetime, str], dict[str, int]] = defaultdict(dict)
        for id_, at, value in self._values(function, asked, since, until):
            metric, release = asked[id_]
            if since <= at < until:
                found[at, release][metric] = round(value)
        return [
            Invoked(at, release, counted["Invocations"], counted.get("Errors", 0))
            for (at, release), counted in sorted(found.items())
            if counted.get("Invocations")
        ]

    def _values(
        self,
        function: str,
        asked: Mapping[str, tuple[str, str]],
        since: datetime,
        until: datetime,
    ) -> Iterator[tuple[str, datetime, float]]:
        if not asked:
            return
        queries = [_query(id_, function, *what) for id_, what in asked.items()]
        with translated(f"metrics of {function}"):
            pages = self.client.get_paginator("get_metric_data").paginate(
                MetricDataQueries=queries, StartTime=since, EndTime=until
            )
            for page in pages:
                for result in page["MetricDataResults"]:
                    for at, value in zip(result["Timestamps"], result["Values"], strict=True):
                        yield result["Id"], at.astimezone(UTC), value


def _query(id_: str, function: str, metric: str, release: str) -> dict[str, Any]:
    dimensions = {
        "FunctionName": function,
        "Resource": f"{function}:{ALIAS}",
        "ExecutedVersion": release,
    }
    return {
        "Id": id_,
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Lambda",
                "MetricName": metric,
                "Dimensions": [{"Name": name, "Value": told} for name, told in dimensions.items()],
            },
            "Period": PERIOD,
            "Stat": "Sum",
        },
    }
