"""The state machine of batch runs and its schedule: what is called, tried again and counted."""

import json
from pathlib import Path

import pytest

from infra.components.machine import HOPELESS
from tests.infra.synth import Template, of_type, only, text
from tests.infra.worker_parts import OWN, STORE, allowed, machine, model_with
from wherry import errors
from wherry_control.batch.parts import TIMEOUTS


def test_a_batch_reads_and_writes_what_the_model_names_and_its_own_folder(
    workers: Template,
) -> None:
    found = allowed(workers, "WorkersBatchFunction")

    def below(action: str) -> set[str]:
        return {each.partition(":::")[2] for each in found[action]}

    assert below("s3:PutObject") == {"data/out/*", "reports/*", f"{STORE}/batch/iris/*"}
    assert below("s3:GetObject") - below("s3:PutObject") == {
        "data/in", "data/in/*", "lake/new/*", f"{STORE}/artifacts/sha256/*",
    }  # fmt: skip


def test_the_machine_reads_plans_and_nothing_else_of_a_bucket(workers: Template) -> None:
    found = allowed(workers, "WorkersBatchRuns")["s3:GetObject"]

    assert found
    assert all(each.endswith("/_wherry/plan.jsonl") for each in found)


def test_a_run_that_began_ends_with_the_version_that_it_began_with(workers: Template) -> None:
    """It is called by its version, and the machine may call older ones too."""
    told = json.dumps(machine(workers))

    assert "FunctionName" in told
    assert told.count('"FunctionName": "${WorkersBatchFunctionCurrentVersion') == 3
    assert allowed(workers, "WorkersBatchRuns")["lambda:InvokeFunction"] == [f"{OWN}-batch:*"]


def test_partitions_are_read_from_the_plan_and_run_side_by_side(tmp_path: Path) -> None:
    template = model_with(tmp_path, "[batch]\nconcurrency = 7\ntolerated_percent = 5")

    states = machine(template)["States"]
    predict = states["Predict"]
    assert predict["ItemReader"]["ReaderConfig"] == {"InputType": "JSONL"}
    assert predict["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
    assert predict["MaxConcurrency"] == 7
    assert states["Usual tolerance"]["Result"] == 5
    assert predict["ResultPath"] is None


def test_a_partition_is_tried_again_later_and_later_unless_that_is_hopeless(
    workers: Template,
) -> None:
    partition = machine(workers)["States"]["Predict"]["ItemProcessor"]["States"]["Partition"]
    hopeless, busy, late, others = partition["Retry"]

    assert "RefusedError" in hopeless["ErrorEquals"]
    assert hopeless["MaxAttempts"] == 0
    assert busy["ErrorEquals"] == ["Lambda.TooManyRequestsException"]
    assert busy["MaxAttempts"] > others["MaxAttempts"] == 3
    assert (late["ErrorEquals"], late["MaxAttempts"]) == (["States.Timeout", "Sandbox.Timedout"], 1)
    assert late["ErrorEquals"] == list(TIMEOUTS)  # what the command says of such a part
    assert others["ErrorEquals"] == ["States.ALL"]
    assert (others["BackoffRate"], others["JitterStrategy"]) == (2, "FULL")
    assert partition["TimeoutSeconds"] > 900


def test_only_what_aws_or_the_machine_did_is_worth_another_try() -> None:
    """Whatever else our own code refuses, it would refuse again."""
    ours = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.WherryError)
    }

    assert set(HOPELESS) < ours
    assert ours - set(HOPELESS) == {
        "WherryError", "ToolError", "CloudError", "CredentialsError", "ConflictError",
    }  # fmt: skip


def test_a_run_is_counted_however_its_partitions_end(workers: Template) -> None:
    predict = machine(workers)["States"]["Predict"]

    (caught,) = predict["Catch"]
    assert (caught["ErrorEquals"], caught["Next"]) == (["States.ALL"], "Finish")
    assert predict["Next"] == "Finish"


def test_a_schedule_starts_this_machine_in_its_zone_and_tells_each_run_its_time(
    workers: Template,
) -> None:
    told = only(workers, "AWS::Scheduler::Schedule")
    target = told["Target"]

    assert told["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert told["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert told["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
    assert text(target["DeadLetterConfig"]["Arn"]).startswith("${WorkersScheduleDead")
    assert json.loads(target["Input"]) == {
        "input": "s3://lake/new/",
        "output": "s3://reports/<aws.scheduler.scheduled-time>/",
        "options": {"id": "flower", "keep": ["garden"], "to": "parquet"},
    }
    assert allowed(workers, "WorkersScheduleRole") == {
        "states:StartExecution": [text(target["Arn"])],
        "sqs:SendMessage": [text(target["DeadLetterConfig"]["Arn"])],
    }


def test_a_scheduled_run_is_cut_as_every_other_run_of_the_model(tmp_path: Path) -> None:
    how = 'rate = "1 day"\ninput = "s3://lake/new/"\noutput = "s3://lake/out/"'

    template = model_with(tmp_path, f"[batch]\npart_rows = 500\n[batch.schedule]\n{how}")

    target = only(template, "AWS::Scheduler::Schedule")["Target"]
    assert json.loads(target["Input"])["options"] == {"part_rows": 500}


@pytest.mark.parametrize(("rows", "told"), [(500, "500"), (0, None)])
def test_the_function_knows_how_a_run_is_cut_that_anybody_starts(
    tmp_path: Path, rows: int, told: str | None
) -> None:
    template = model_with(tmp_path, f"[batch]\npart_rows = {rows}")

    (function,) = [
        each["Properties"]
        for each in of_type(template, "AWS::Lambda::Function")
        if str(each["Properties"].get("FunctionName", "")).endswith("-batch")
    ]
    assert function["Environment"]["Variables"].get("WHERRY_PART_ROWS") == told


def test_only_this_account_s_schedules_may_take_the_schedule_s_role(workers: Template) -> None:
    (role,) = [
        each["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
        for each in of_type(workers, "AWS::IAM::Role")
        if "scheduler" in json.dumps(each["Properties"]["AssumeRolePolicyDocument"])
    ]

    assert text(role["Condition"]["StringEquals"]["aws:SourceAccount"]) == "${AWS::AccountId}"
