"""
GitHub as an identity provider of the account.

A stack of its own: an account has one such provider for all its projects, perhaps already, and the
local AWS knows no such resource. The roles of `Ci` name it by its ARN, which is always the same.
"""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

ISSUER = "token.actions.githubusercontent.com"


class GithubIdentity(Stack):
    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_, description="Wherry: GitHub Actions as an identity provider")
        provider = iam.OidcProviderNative(
            self, "Provider", url=f"https://{ISSUER}", client_ids=["sts.amazonaws.com"]
        )
        provider.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
