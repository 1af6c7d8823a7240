"""
What of a model's log is counted: the subscription of the roll-up function, which is another
stack's, and is known here by its name alone.

The pattern is one of terms, as they stand in Lambda's text format: a function's own lines are JSON,
the platform's are text. Lines that have a term by chance are passed over by the roll-up.
"""

from aws_cdk import Aws
from aws_cdk import aws_logs as logs
from constructs import Construct

TERMS = (
    "prediction", "feedback", "Status: error", "Status: timeout", "Task timed out",
    "signal: killed", "platform.report", "platform.initReport",
)  # fmt: skip
EVIDENCE, OUTCOMES = "evidence", "evidence-and-outcomes"


class Subscription(Construct):
    def __init__(
        self, scope: Construct, id_: str, *, log: logs.ILogGroup, function: str, outcomes: bool
    ) -> None:
        """The filter's name tells the roll-up whether each prediction is kept for its outcome."""
        super().__init__(scope, id_)
        logs.CfnSubscriptionFilter(
            self,
            "Filter",
            filter_name=OUTCOMES if outcomes else EVIDENCE,
            log_group_name=log.log_group_name,
            filter_pattern=" ".join(f'?"{term}"' for term in TERMS),
            destination_arn=(
                f"arn:{Aws.PARTITION}:lambda:{Aws.REGION}:{Aws.ACCOUNT_ID}:function:{function}"
            ),
        )
