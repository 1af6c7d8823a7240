"""
A DynamoDB table of what lasts for hours: each item by its `id`, until the time that it holds.

It goes with its stack and cannot be put back: what was erased must not return.
"""

from aws_cdk import Acknowledgment, RemovalPolicy, Validations
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.components.grant import grant

KEY = "id"
ITEM = ("GetItem", "PutItem", "UpdateItem", "DeleteItem")


class PassingTable(Construct):
    def __init__(self, scope: Construct, id_: str, *, table_name: str, expires: str) -> None:
        """`expires` is the attribute that says when an item goes."""
        super().__init__(scope, id_)
        self.table = dynamodb.Table(
            self,
            "Table",
            table_name=table_name,
            partition_key=dynamodb.Attribute(name=KEY, type=dynamodb.AttributeType.STRING),
            time_to_live_attribute=expires,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            removal_policy=RemovalPolicy.DESTROY,
        )
        Validations.of(self.table).acknowledge(
            Acknowledgment(
                id="AwsSolutions-DDB3",
                reason="Its items live for hours, and what was erased must not come back.",
            )
        )

    def open_to(self, role: iam.Role) -> None:
        """Let `role` read and write single items, and neither list nor search them."""
        grant(role, [f"dynamodb:{each}" for each in ITEM], self.table.table_arn)
