"""
An SQS queue with its dead letters: encrypted, for TLS only, and somebody is woken when work waits
too long or was given up.

With partial responses on, Lambda does not slow down when messages fail, and nothing else tells of
it: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html.
"""

from dataclasses import dataclass

from aws_cdk import Acknowledgment, Duration, RemovalPolicy, Validations
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from constructs import Construct

KEPT = Duration.days(14)  # the most; a dead letter's time counts from when it was first sent
MINUTE = Duration.minutes(1)


@dataclass(frozen=True, kw_only=True)
class QueueSpec:
    """A message is hidden for `visibility_seconds` when it is taken, and taken `receives` times."""

    name: str
    fifo: bool = False
    visibility_seconds: int
    receives: int


class Queue(Construct):
    def __init__(self, scope: Construct, id_: str, *, spec: QueueSpec) -> None:
        super().__init__(scope, id_)
        self.dead = Letters(self, "Dead", name=f"{spec.name}-dead", fifo=spec.fifo)
        self.dead.alarm("Messages were given up: they are in the queue of dead letters.")
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=named(spec.name, fifo=spec.fifo),
            fifo=spec.fifo or None,
            visibility_timeout=Duration.seconds(spec.visibility_seconds),
            retention_period=KEPT,
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead.queue, max_receive_count=spec.receives
            ),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            removal_policy=RemovalPolicy.DESTROY,
        )
        cloudwatch.Alarm(
            self,
            "Late",
            alarm_description="The oldest message waits for longer than all its tries may take.",
            metric=self.queue.metric_approximate_age_of_oldest_message(
                period=MINUTE, statistic="Maximum"
            ),
            threshold=spec.visibility_seconds * spec.receives,
            evaluation_periods=5,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )


class Letters(Construct):
    """A queue that Lambda does not read: people, or another program, do."""

    def __init__(self, scope: Construct, id_: str, *, name: str, fifo: bool = False) -> None:
        super().__init__(scope, id_)
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=named(name, fifo=fifo),
            fifo=fifo or None,
            retention_period=KEPT,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            removal_policy=RemovalPolicy.DESTROY,
        )
        Validations.of(self.queue).acknowledge(
            Acknowledgment(
                id="AwsSolutions-SQS3",
                reason="Nothing here gives up a message of this queue: it holds what was given up, "
                "or results, whose reader decides what becomes of one that it cannot take.",
            )
        )

    def alarm(self, meaning: str) -> None:
        """Wake somebody as soon as there is something in it."""
        cloudwatch.Alarm(
            self,
            "Some",
            alarm_description=meaning,
            metric=self.queue.metric_approximate_number_of_messages_visible(
                period=MINUTE, statistic="Maximum"
            ),
            threshold=0,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )


def named(name: str, *, fifo: bool) -> str:
    """A FIFO queue's name says that it is one."""
    return f"{name}.fifo" if fifo else name
