"""
A DynamoDB table that outlives its stack, and can be put back to any second of the last 35 days.

`RetainExceptOnCreate`: a deploy that fails while making it leaves nothing behind, so that the next
try is not refused with "already exists"; every other deletion leaves it.
"""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

TEXT, NUMBER = dynamodb.AttributeType.STRING, dynamodb.AttributeType.NUMBER


class Table(Construct):
    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        table_name: str,
        sort: tuple[str, dynamodb.AttributeType] | None = None,
        expires: bool = False,
    ) -> None:
        """Partitioned by `model`; `sort` is the sort key, and `expires` says when an item goes."""
        super().__init__(scope, id_)
        self.table = dynamodb.Table(
            self,
            "Table",
            table_name=table_name,
            partition_key=dynamodb.Attribute(name="model", type=TEXT),
            sort_key=dynamodb.Attribute(name=sort[0], type=sort[1]) if sort else None,
            time_to_live_attribute="expires" if expires else None,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
