"""
What runs and judges the rollouts of an environment: the tables of rollouts, evidence and outcomes,
the function that rolls log lines up into evidence, and the state machine that ticks rollouts.

Models' stacks know it by names alone. It has no way to publish a release: what it may do to a model
is to ask its function and to move its alias.
"""

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import Aws, CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_logs import ILogGroup
from constructs import Construct

from infra.components.function import Function, FunctionSpec
from infra.components.grant import grant
from infra.components.logs import Logs
from infra.components.runner import Runner
from infra.components.table import TEXT, Table
from infra.config import Environment, Options
from infra.stacks.code import operations_code, operations_layer
from infra.stacks.store import bucket_name

HERE = f"{Aws.REGION}:{Aws.ACCOUNT_ID}"
RETENTION_DAYS = 30
ROLL_UP, TICK, RUNNER = "evidence_rollup", "rollout_tick", "rollout_runner"
TABLES = ("rollouts", "evidence", "outcomes")


class Operations(Stack):
    def __init__(self, scope: Construct, id_: str, *, options: Options, root: Path) -> None:
        environment = options.environment
        super().__init__(
            scope,
            id_,
            description=f"Wherry {environment.name}: rollouts and their evidence",
            termination_protection=environment.protected,
        )
        self._environment, self._options = environment, options
        self._layer = lambda_.LayerVersion(
            self,
            "Control",
            code=operations_layer(root),
            description="Wherry's control plane, for the functions of operations/",
            removal_policy=RemovalPolicy.DESTROY,
        )
        self._tables()
        self._roll_up()
        self._tell(self._runner(self._tick()))

    def _tables(self) -> None:
        named = self._environment.named
        Table(self, "Rollouts", table_name=named("rollouts"))
        for noun, sort in (("evidence", "slot"), ("outcomes", "key")):
            Table(
                self, noun.title(), table_name=named(noun), sort=(sort, TEXT), expires=True
            )  # fmt: skip

    def _roll_up(self) -> None:
        function = self._function(
            "RollUp", ROLL_UP, "Counts what models log", seconds=60, told=self._told(*TABLES[1:])
        )
        grant(function.role, ["dynamodb:PutItem"], self._table("evidence"))
        grant(function.role, ["dynamodb:BatchWriteItem"], self._table("outcomes"))
        groups = f"log-group:/aws/lambda/{self._environment.named('*')}:*"
        function.function.add_permission(
            "Logs",
            principal=iam.ServicePrincipal("logs.amazonaws.com"),
            source_account=Aws.ACCOUNT_ID,
            source_arn=f"arn:{Aws.PARTITION}:logs:{HERE}:{groups}",
        )

    def _tick(self) -> Function:
        named = self._environment.named
        told = {
            **self._told("ledger", *TABLES),
            "WHERRY_STORE": f"s3://{bucket_name(self._environment)}",
            "WHERRY_FUNCTIONS": named(""),
        }
        function = self._function(
            "Tick", TICK, "Takes one turn of a rollout", seconds=240, told=told
        )
        self._grant_releases(function.role)
        for noun, actions in {
            "rollouts": ("GetItem", "PutItem", "UpdateItem"),
            "ledger": ("PutItem", "Query"),
            "evidence": ("Query",),
            "outcomes": ("Query",),
        }.items():
            grant(function.role, [f"dynamodb:{each}" for each in actions], self._table(noun))
        return function

    def _grant_releases(self, role: iam.Role) -> None:
        grant(
            role,
            [
                "lambda:GetAlias",
                "lambda:UpdateAlias",
                "lambda:ListVersionsByFunction",
                "lambda:InvokeFunction",
            ],
            f"arn:{Aws.PARTITION}:lambda:{HERE}:function:{self._environment.named('*')}",
            wildcard="Every model of this environment is rolled out by the same function, also one "
            "that is deployed later.",
        )
        grant(
            role,
            ["s3:GetObject"],
            f"arn:{Aws.PARTITION}:s3:::{bucket_name(self._environment)}/artifacts/*",
            wildcard="Golden examples of any candidate are replayed before it gets a request.",
        )
        grant(
            role,
            ["logs:FilterLogEvents"],
            f"arn:{Aws.PARTITION}:logs:{HERE}:log-group:/aws/lambda/{self._environment.named('*')}",
            wildcard="How a shadow agreed stands in the log of its model, whichever that is.",
        )
        grant(
            role,
            ["cloudwatch:GetMetricData"],
            "*",
            wildcard="GetMetricData knows no resources.",
        )

    def _runner(self, tick: Function) -> Runner:
        name = self._environment.named(RUNNER)
        log = self._logs("RunnerLogs", f"/aws/vendedlogs/states/{name}")
        return Runner(self, "Runner", name=name, tick=tick.function, log=log)

    def _function(
        self, id_: str, noun: str, description: str, *, seconds: int, told: Mapping[str, str]
    ) -> Function:
        name = self._environment.named(noun)
        spec = FunctionSpec(
            name=name,
            description=description,
            code=operations_code(noun, self._options),
            memory_mb=512,
            timeout_seconds=seconds,
            environment=told,
            layers=[self._layer],
        )
        return Function(
            self, id_, spec=spec, log_group=self._logs(f"{id_}Logs", f"/aws/lambda/{name}")
        )

    def _logs(self, id_: str, name: str) -> ILogGroup:
        return Logs(self, id_, name=name, retention_days=RETENTION_DAYS).group

    def _told(self, *nouns: str) -> dict[str, str]:
        """The tables by the environment's variables."""
        return {f"WHERRY_{noun.upper()}_TABLE": self._environment.named(noun) for noun in nouns}

    def _table(self, noun: str) -> str:
        return f"arn:{Aws.PARTITION}:dynamodb:{HERE}:table/{self._environment.named(noun)}"

    def _tell(self, runner: Runner) -> None:
        CfnOutput(self, "RunnerArn", value=runner.arn)


def roll_up_name(environment: Environment) -> str:
    """The function that models' logs are handed to, as their stacks name it."""
    return environment.named(ROLL_UP)
