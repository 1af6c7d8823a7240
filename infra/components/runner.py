"""
What runs a rollout when no laptop is on: a state machine that lets a function tick, and waits.

It decides nothing. A tick that fails is tried again for a day, later and later, since the next one
goes on from where it was. One execution may have 25,000 events, and a turn takes nine of them, so
after some turns another execution goes on in its place.
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

from aws_cdk import Acknowledgment, Aws, Duration, RemovalPolicy, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.components.failed_alarm import failed_alarm, stopped_alarms
from infra.components.grant import grant

STOPPED = "A rollout runs no more, and has not ended: wherry rollout resume lets it go on."
TURNS = 1000  # of one execution; the function counts them
TRIES = 300  # of one turn: a day, at five minutes


class Runner(Construct):
    def __init__(
        self, scope: Construct, id_: str, *, name: str, tick: lambda_.Function, log: logs.ILogGroup
    ) -> None:
        super().__init__(scope, id_)
        self.arn = f"arn:{Aws.PARTITION}:states:{Aws.REGION}:{Aws.ACCOUNT_ID}:stateMachine:{name}"
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=name,
            comment="Runs one rollout: tick, wait, tick, until it has ended",
            role=role,
            definition_body=sfn.DefinitionBody.from_chainable(self._turns(tick)),
            logs=sfn.LogOptions(destination=log, level=sfn.LogLevel.ALL),
            tracing_enabled=True,
            removal_policy=RemovalPolicy.DESTROY,
        )
        grant(role, ["lambda:InvokeFunction"], tick.function_arn)
        grant(role, ["states:StartExecution"], self.arn)
        failed_alarm(self, self.machine, STOPPED)
        stopped_alarms(self, self.machine, STOPPED)
        Validations.of(role).acknowledge(
            Acknowledgment(
                id="AwsSolutions-IAM5[Resource::*]",
                reason="What Step Functions needs to write logs and traces knows no resources.",
            )
        )

    def _turns(self, tick: lambda_.Function) -> sfn.IChainable:
        turn = sfn.CustomState(
            self,
            "Tick",
            state_json={
                "Type": "Task",
                "Resource": f"arn:{Aws.PARTITION}:states:::lambda:invoke",
                "Parameters": {"FunctionName": tick.function_arn, "Payload.$": "$"},
                "ResultSelector": {
                    name: f"$.Payload.{name[:-2]}" for name in ("done.$", "wait.$", "turn.$")
                },
                "ResultPath": "$.tick",
            },
        )
        turn.add_retry(
            errors=["States.ALL"],
            interval=Duration.seconds(5),
            backoff_rate=2,
            max_delay=Duration.minutes(5),
            max_attempts=TRIES,
        )
        wait = sfn.Wait(self, "Wait", time=sfn.WaitTime.seconds_path("$.tick.wait")).next(turn)
        go_on = sfn.CustomState(
            self,
            "Go on afresh",
            state_json={
                "Type": "Task",
                "Resource": f"arn:{Aws.PARTITION}:states:::states:startExecution",
                "Parameters": {
                    "StateMachineArn": self.arn,
                    "Input": {"model.$": "$.model", "rollout.$": "$.rollout"},
                },
                "End": True,
            },
        )
        ended = sfn.Condition.boolean_equals("$.tick.done", True)
        full = sfn.Condition.number_greater_than_equals("$.tick.turn", TURNS)
        what_now = sfn.Choice(self, "Ended?").when(ended, sfn.Succeed(self, "Ended"))
        return turn.next(what_now.when(full, go_on).otherwise(wait))
