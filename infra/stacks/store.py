"""
What all models of an environment share: the model store, the ledger, the gateway's log role.

The store outlives its stack. CloudFormation takes it back (`--import-existing-resources`) only
under a literal name, hence `-c account=… -c region=…`; without them it holds pseudo parameters.
"""

from collections.abc import Sequence

from aws_cdk import Aws, CfnOutput, Stack
from constructs import Construct

from infra.components.artifacts import Artifacts
from infra.components.gateway_logging import GatewayLogging
from infra.components.table import NUMBER, Table
from infra.config import Environment, Options


def bucket_name(environment: Environment) -> str:
    """The store's bucket, as other stacks name it: without an export that would tie them."""
    return environment.named(f"{Aws.ACCOUNT_ID}-{Aws.REGION}")


def claims_folder(model: str) -> str:
    """Where in the bucket what is too large for a message lies."""
    return f"queue/{model}/claims"


class Store(Stack):
    def __init__(
        self, scope: Construct, id_: str, *, options: Options, queues: Sequence[str] = ()
    ) -> None:
        """`queues` are the models that answer messages: S3 forgets by folders, one a model."""
        environment = options.environment
        super().__init__(
            scope,
            id_,
            description=f"Wherry {environment.name}: model store and release ledger",
            termination_protection=environment.protected,
        )
        account, region = options.account or Aws.ACCOUNT_ID, options.region or Aws.REGION
        artifacts = Artifacts(
            self,
            "Artifacts",
            bucket_name=environment.named(f"{account}-{region}"),
            claims=[f"{claims_folder(model)}/" for model in queues],
        )
        # every release and every step of a rollout is written down there, and never removed
        ledger = Table(
            self, "Ledger", table_name=environment.named("ledger"), sort=("sequence", NUMBER)
        )
        GatewayLogging(self, "GatewayLogging")

        CfnOutput(self, "BucketName", value=artifacts.bucket.bucket_name)
        CfnOutput(self, "LedgerName", value=ledger.table.table_name)
