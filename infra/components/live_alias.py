"""
The alias `live`: made once, and from then on moved by the rollout controller alone.

It is no `AWS::Lambda::Alias`: CloudFormation would put its weights back at every deploy and every
rollback. A custom resource makes the alias where it is absent, and its role cannot update one.
docs/decisions/0001-alias-ownership.md has the whole argument.
"""

from aws_cdk import CustomResource, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

NAME = "live"


class LiveAlias(Construct):
    def __init__(
        self, scope: Construct, id_: str, *, keeper: lambda_.Function, version: lambda_.Version
    ) -> None:
        """`keeper` is the function whose code is functions/operations/alias."""
        super().__init__(scope, id_)
        function = version.lambda_
        keeper.add_to_role_policy(
            iam.PolicyStatement(
                actions=["lambda:GetAlias", "lambda:CreateAlias"],
                resources=[function.function_arn],
            )
        )
        CustomResource(
            self,
            "Resource",
            resource_type="Custom::WherryLiveAlias",
            service_token=keeper.function_arn,
            service_timeout=Duration.minutes(5),
            properties={
                "FunctionName": function.function_name,
                "AliasName": NAME,
                "FunctionVersion": version.version,
            },
        )
        self.alias = lambda_.Function.from_function_attributes(
            self, "Alias", function_arn=f"{function.function_arn}:{NAME}", same_environment=True
        )
        self.dimensions = {
            "FunctionName": function.function_name,
            "Resource": f"{function.function_name}:{NAME}",
        }
