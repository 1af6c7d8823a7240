"""What runs rollouts: it may ask a model and move its alias, and publish nothing."""

import json
from typing import Any

import pytest

from infra.components import subscription
from tests.infra.synth import Template, of_type, only, project, synth, text
from wherry_control.evidence import rollup

HERE = "${AWS::Region}:${AWS::AccountId}"
TABLE = f"arn:${{AWS::Partition}}:dynamodb:{HERE}:table/wherry-dev-"


@pytest.fixture(scope="module")
def operations(image_app: dict[str, Template]) -> Template:
    return image_app["Wherry-dev-Operations"]


def allowed(template: Template, role: str) -> dict[str, str]:
    """Action to resource, of the role whose policy's logical id begins so."""
    (policy,) = [
        resource["Properties"]["PolicyDocument"]["Statement"]
        for id_, resource in template["Resources"].items()
        if resource["Type"] == "AWS::IAM::Policy" and id_.startswith(role)
    ]
    told = {text(each["Action"]): text(each["Resource"]) for each in policy}
    return {each: told[each] for each in told if not each.startswith(("logs:", "xray:"))}


TRACES = "xray:PutTelemetryRecords xray:PutTraceSegments"


def test_tables_survive_their_stack_and_forget_by_themselves(operations: Template) -> None:
    tables = {
        each["Properties"]["TableName"]: each
        for each in of_type(operations, "AWS::DynamoDB::Table")
    }

    assert {
        name: (
            [key["AttributeName"] for key in each["Properties"]["KeySchema"]],
            each["Properties"].get("TimeToLiveSpecification"),
        )
        for name, each in tables.items()
    } == {
        "wherry-dev-rollouts": (["model"], None),
        "wherry-dev-evidence": (["model", "slot"], {"AttributeName": "expires", "Enabled": True}),
        "wherry-dev-outcomes": (["model", "key"], {"AttributeName": "expires", "Enabled": True}),
    }
    for table in tables.values():
        assert table["DeletionPolicy"] == "RetainExceptOnCreate"
        assert table["Properties"]["PointInTimeRecoverySpecification"] == {
            "PointInTimeRecoveryEnabled": True
        }


def test_a_tick_moves_aliases_and_publishes_nothing(operations: Template) -> None:
    told = allowed(operations, "TickRole")

    assert told == {
        "lambda:GetAlias lambda:InvokeFunction lambda:ListVersionsByFunction lambda:UpdateAlias": (
            f"arn:${{AWS::Partition}}:lambda:{HERE}:function:wherry-dev-*"
        ),
        "s3:GetObject": (
            "arn:${AWS::Partition}:s3:::wherry-dev-${AWS::AccountId}-${AWS::Region}/artifacts/*"
        ),
        f"cloudwatch:GetMetricData {TRACES}": "*",
        "dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem": f"{TABLE}rollouts",
        "dynamodb:PutItem dynamodb:Query": f"{TABLE}ledger",
        "dynamodb:Query": f"{TABLE}evidence {TABLE}outcomes",
    }


def test_a_tick_reads_the_logs_of_models_and_no_others(operations: Template) -> None:
    """What shadows said; what it writes itself goes to its own log."""
    statements = [
        each
        for policy in of_type(operations, "AWS::IAM::Policy")
        for each in policy["Properties"]["PolicyDocument"]["Statement"]
        if "logs:FilterLogEvents" in text(each["Action"])
    ]

    assert [(text(each["Action"]), text(each["Resource"])) for each in statements] == [
        (
            "logs:FilterLogEvents",
            f"arn:${{AWS::Partition}}:logs:{HERE}:log-group:/aws/lambda/wherry-dev-*",
        )
    ]


def test_a_roll_up_only_adds(operations: Template) -> None:
    told = allowed(operations, "RollUpRole")

    assert told == {
        "dynamodb:PutItem": f"{TABLE}evidence",
        "dynamodb:BatchWriteItem": f"{TABLE}outcomes",
    }


def test_only_logs_of_this_account_and_environment_reach_the_roll_up(operations: Template) -> None:
    permission = only(operations, "AWS::Lambda::Permission")

    assert permission["Principal"] == "logs.amazonaws.com"
    assert text(permission["SourceAccount"]) == "${AWS::AccountId}"
    assert text(permission["SourceArn"]) == (
        f"arn:${{AWS::Partition}}:logs:{HERE}:log-group:/aws/lambda/wherry-dev-*:*"
    )


def test_a_models_log_is_handed_over_by_name(inference: Template, operations: Template) -> None:
    """A stack that imported it could not be deployed before it, nor outlive it."""
    subscription = only(inference, "AWS::Logs::SubscriptionFilter")
    names = [
        each["Properties"]["FunctionName"] for each in of_type(operations, "AWS::Lambda::Function")
    ]

    assert sorted(names) == ["wherry-dev-evidence_rollup", "wherry-dev-rollout_tick"]
    assert text(subscription["DestinationArn"]).endswith(":function:wherry-dev-evidence_rollup")
    assert subscription["FilterName"] == "evidence"
    assert "Fn::ImportValue" not in json.dumps(inference)


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ('[rollout.judge]\noutcome = "sale"', "evidence-and-outcomes"),
        ("[rollout]", "evidence"),
        ('rollout = "no table"', "evidence"),
    ],
)
def test_predictions_are_kept_where_their_outcome_judges(
    tmp_path_factory: pytest.TempPathFactory, table: str, name: str
) -> None:
    root = project(tmp_path_factory.mktemp("outcomes"), deploy=table if "[" in table else "")
    if "[" not in table:
        file = root / "models/iris/model.toml"
        file.write_text(f"{table}\n{file.read_text()}")

    template = synth(root, packaging="zip")["Wherry-dev-iris"]

    assert only(template, "AWS::Logs::SubscriptionFilter")["FilterName"] == name


def test_a_filter_is_called_what_the_roll_up_looks_for() -> None:
    assert subscription.OUTCOMES == rollup.OUTCOMES


def machine(template: Template) -> dict[str, Any]:
    found = only(template, "AWS::StepFunctions::StateMachine")
    told: dict[str, Any] = json.loads(text(found["DefinitionString"]))
    return told


def test_a_rollout_ticks_and_waits_until_it_has_ended(operations: Template) -> None:
    states = machine(operations)["States"]

    assert states["Tick"]["Next"] == "Ended?"
    assert states["Tick"]["Parameters"]["Payload.$"] == "$"
    assert [each["Next"] for each in states["Ended?"]["Choices"]] == ["Ended", "Go on afresh"]
    assert (states["Ended?"]["Default"], states["Wait"]["Next"]) == ("Wait", "Tick")
    assert states["Wait"]["SecondsPath"] == "$.tick.wait"


def test_a_tick_that_fails_is_tried_for_a_day(operations: Template) -> None:
    (retry,) = machine(operations)["States"]["Tick"]["Retry"]

    assert retry["ErrorEquals"] == ["States.ALL"]
    assert retry["MaxDelaySeconds"] * retry["MaxAttempts"] >= 24 * 60 * 60


def test_an_execution_ends_before_it_has_too_many_events(operations: Template) -> None:
    """At 25,000 AWS ends it: a rollout of two days, at a turn a minute, has 26,000."""
    states = machine(operations)["States"]
    turns = states["Ended?"]["Choices"][1]["NumericGreaterThanEquals"]

    assert turns * 9 + states["Tick"]["Retry"][0]["MaxAttempts"] * 3 < 25_000
    parameters = states["Go on afresh"]["Parameters"]
    assert parameters["StateMachineArn"].endswith(":stateMachine:wherry-dev-rollout_runner")
    assert parameters["Input"] == {"model.$": "$.model", "rollout.$": "$.rollout"}


def test_a_runner_that_fails_or_is_ended_by_others_wakes_somebody(operations: Template) -> None:
    """Whoever stops it, or lets it run out of time, leaves a rollout that nobody ticks."""
    alarms = [each["Properties"] for each in of_type(operations, "AWS::CloudWatch::Alarm")]

    assert {(each["Namespace"], each["MetricName"], each["Threshold"]) for each in alarms} == {
        ("AWS/States", "ExecutionsFailed", 0),
        ("AWS/States", "ExecutionsAborted", 0),
        ("AWS/States", "ExecutionsTimedOut", 0),
    }


def test_the_small_functions_have_a_python_of_their_own(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """On the local AWS a model may be an image of another Python than MiniStack's."""
    root = project(tmp_path_factory.mktemp("python"))

    template = synth(root, operations_python="3.11")["Wherry-dev-Operations"]

    runtimes = {
        each["Properties"]["Runtime"] for each in of_type(template, "AWS::Lambda::Function")
    }
    assert runtimes == {"python3.11"}
