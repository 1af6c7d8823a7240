"""Functions for work that no request brings: what feeds them, and what each may touch."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.infra.synth import (
    Template,
    as_list,
    lock_with,
    of_type,
    only,
    project,
    statements,
    synth,
    text,
)

QUEUES = {"messages", "messages-dead", "results", "jobs", "jobs-dead", "batch-dead"}
STORE = "wherry-dev-${AWS::AccountId}-${AWS::Region}"
OWN = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:wherry-dev-iris"


def named(template: Template, kind: str, key: str) -> dict[str, dict[str, Any]]:
    """Properties by the name that ours have in common, without what all begin with."""
    return {
        each["Properties"][key].removeprefix("wherry-dev-iris").removeprefix("-"): each[
            "Properties"
        ]
        for each in of_type(template, kind)
        if key in each["Properties"]
    }


def queues(template: Template) -> dict[str, dict[str, Any]]:
    return named(template, "AWS::SQS::Queue", "QueueName")


def functions(template: Template) -> dict[str, dict[str, Any]]:
    return named(template, "AWS::Lambda::Function", "FunctionName")


def machine(template: Template) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        text(only(template, "AWS::StepFunctions::StateMachine")["DefinitionString"])
    )
    return told


def allowed(template: Template, role: str) -> dict[str, list[str]]:
    """What the roles whose logical ids begin so may do, and to what."""
    found: dict[str, list[str]] = {}
    for policy in of_type(template, "AWS::IAM::Policy"):
        if not any(each["Ref"].startswith(role) for each in policy["Properties"]["Roles"]):
            continue
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            for action in as_list(statement["Action"]):
                told = [text(each) for each in as_list(statement["Resource"])]
                found.setdefault(action, []).extend(told)
    return found


def model_with(root: Path, tables: str, **context: str) -> Template:
    return synth(project(root, tables=tables), **context)["Wherry-dev-iris"]


def test_a_model_without_the_tables_has_none_of_it(inference: Template) -> None:
    kinds = {each["Type"] for each in inference["Resources"].values()}

    assert set(functions(inference)) == {""}
    assert not any("SQS" in kind or "StepFunctions" in kind for kind in kinds)
    assert "AWS::DynamoDB::Table" not in kinds


@pytest.mark.parametrize("kind", ["batch", "queue", "jobs"])
def test_each_table_makes_its_own_function_and_no_other(tmp_path: Path, kind: str) -> None:
    assert set(functions(model_with(tmp_path, f"[{kind}]"))) == {"", kind}


def test_the_outputs_are_the_ones_that_the_control_plane_reads(
    workers: Template, inference: Template
) -> None:
    assert set(workers["Outputs"]) - set(inference["Outputs"]) == {
        "BatchMachineArn", "BatchSchedule", "MessagesQueueUrl", "MessagesDeadUrl",
        "ResultsQueueUrl", "JobsQueueUrl", "JobsDeadUrl",
    }  # fmt: skip


def test_workers_have_one_image_with_another_handler_each(workers: Template) -> None:
    found = functions(workers)
    front = found.pop("")

    images = {text(each["Code"]["ImageUri"]["Fn::Sub"]) for each in found.values()}
    assert len(images) == 1
    assert front["Code"]["ImageUri"]["Fn::Sub"] not in images
    for kind, told in found.items():
        assert told["ImageConfig"]["Command"] == [f"functions.inference.{kind}.handler"]


def test_or_one_zip(tmp_path: Path) -> None:
    found = functions(model_with(tmp_path, "[batch]\n[queue]\n[jobs]", packaging="zip"))
    front = found.pop("")

    keys = {each["Code"]["S3Key"] for each in found.values()}
    assert len(keys) == 1
    assert front["Code"]["S3Key"] not in keys
    assert found["queue"]["Handler"] == "functions.inference.queue.handler"


def test_a_queue_needs_no_arrow(tmp_path: Path) -> None:
    lock_with(tmp_path)

    with pytest.raises(Exception, match=r"wheels --extra queue$"):
        synth(project(tmp_path, tables="[queue]", extras=()), locks=str(tmp_path))


def test_a_worker_is_pinned_to_no_release(workers: Template) -> None:
    found = functions(workers)
    del found[""]

    for told in found.values():
        variables = told["Environment"]["Variables"]
        assert variables["WHERRY_FUNCTION"] == "wherry-dev-iris"
        assert variables.keys().isdisjoint({"WHERRY_DIGEST", "WHERRY_MODEL_VERSION"})


def test_each_is_told_where_its_things_are(workers: Template) -> None:
    found = functions(workers)
    jobs = {name: text(told) for name, told in found["jobs"]["Environment"]["Variables"].items()}
    messages = {
        name: text(told) for name, told in found["queue"]["Environment"]["Variables"].items()
    }
    front = found[""]["Environment"]["Variables"]

    assert messages["WHERRY_CLAIMS"] == f"s3://{STORE}/queue/iris/claims"
    assert messages["WHERRY_RESULTS"] == f"s3://{STORE}/queue/iris/results"
    assert jobs["WHERRY_JOBS"] == f"s3://{STORE}/jobs/iris"
    assert (jobs["WHERRY_JOBS_KEEP_HOURS"], jobs["WHERRY_JOBS_MOST_MB"]) == ("24", "512")
    for name, told in jobs.items():
        if name.startswith("WHERRY_JOBS"):
            assert text(front[name]) == told


@pytest.mark.parametrize("to", ["queue", "s3"])
def test_results_go_where_the_model_says(tmp_path: Path, to: str) -> None:
    template = model_with(tmp_path, f'[queue]\nresults = ["{to}"]')

    told = functions(template)["queue"]["Environment"]["Variables"]
    folders = allowed(template, "WorkersMessages")["s3:PutObject"]
    assert bool(told["WHERRY_RESULTS_QUEUE"]) is ("results" in queues(template)) is (to == "queue")
    assert bool(told["WHERRY_RESULTS"]) is (to == "s3")
    assert any("/results/" in each for each in folders) is (to == "s3")


def test_queues_are_encrypted_and_refuse_plain_http(workers: Template) -> None:
    found = queues(workers)

    assert set(found) == QUEUES
    assert all(each["SqsManagedSseEnabled"] for each in found.values())
    policies = of_type(workers, "AWS::SQS::QueuePolicy")
    assert len(policies) == len(QUEUES)
    for policy in policies:
        (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
        assert statement["Effect"] == "Deny"
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    ("tables", "queue", "timeout", "window"),
    [
        ("[queue]", "messages", 30, 0),
        ("[queue]\ntimeout_seconds = 100\nwindow_seconds = 60", "messages", 100, 60),
        ("[jobs]", "jobs", 900, 0),
    ],
)
def test_a_message_is_hidden_for_six_timeouts_and_the_window(
    tmp_path: Path, tables: str, queue: str, timeout: int, window: int
) -> None:
    """AWS asks for it; with less, a message that is being answered is delivered once more."""
    found = queues(model_with(tmp_path, tables))

    assert found[queue]["VisibilityTimeout"] >= 6 * timeout + window


def test_what_fails_alone_is_delivered_alone_and_given_up_in_time(workers: Template) -> None:
    mappings = [each["Properties"] for each in of_type(workers, "AWS::Lambda::EventSourceMapping")]

    assert len(mappings) == 2
    for mapping in mappings:
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    for name in ("messages", "jobs"):
        told = queues(workers)[name]["RedrivePolicy"]
        assert told["maxReceiveCount"] == 3
        assert queues(workers)[f"{name}-dead"]["MessageRetentionPeriod"] == 14 * 86_400


def test_jobs_are_taken_one_at_a_time(tmp_path: Path) -> None:
    template = model_with(tmp_path, "[jobs]")

    assert only(template, "AWS::Lambda::EventSourceMapping")["BatchSize"] == 1


def test_a_batch_of_messages_is_as_large_and_waits_as_long_as_the_model_says(
    tmp_path: Path,
) -> None:
    template = model_with(tmp_path, "[queue]\nbatch_size = 500\nwindow_seconds = 5")

    mapping = only(template, "AWS::Lambda::EventSourceMapping")
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (500, 5)


def test_a_fifo_queue_has_fifo_dead_letters_and_results(tmp_path: Path) -> None:
    """And takes no two messages of the same rows for one: a sender says which are the same."""
    found = queues(model_with(tmp_path, "[queue]\nfifo = true"))

    assert set(found) == {"messages.fifo", "messages-dead.fifo", "results.fifo"}
    assert all(each["FifoQueue"] for each in found.values())
    assert not any("ContentBasedDeduplication" in each for each in found.values())


def test_somebody_is_woken_when_work_waits_or_was_given_up(workers: Template) -> None:
    alarms = [each["Properties"] for each in of_type(workers, "AWS::CloudWatch::Alarm")]
    found = sorted(
        (alarm["MetricName"], alarm["Threshold"])
        for alarm in alarms
        if alarm["Namespace"] in {"AWS/SQS", "AWS/States"}
    )

    assert found == [
        ("ApproximateAgeOfOldestMessage", 3 * 180),
        ("ApproximateAgeOfOldestMessage", 3 * 5400),
        ("ApproximateNumberOfMessagesVisible", 0),
        ("ApproximateNumberOfMessagesVisible", 0),
        ("ApproximateNumberOfMessagesVisible", 0),
        ("ExecutionsFailed", 0),
    ]


def test_tables_forget_and_go_with_their_stack(workers: Template) -> None:
    tables = of_type(workers, "AWS::DynamoDB::Table")
    told = {
        each["Properties"]["TableName"]: (
            each["Properties"]["KeySchema"],
            each["Properties"]["TimeToLiveSpecification"],
        )
        for each in tables
    }

    key = [{"AttributeName": "id", "KeyType": "HASH"}]
    assert told == {
        "wherry-dev-iris-messages": (key, {"AttributeName": "expiration", "Enabled": True}),
        "wherry-dev-iris-jobs": (key, {"AttributeName": "expires", "Enabled": True}),
    }
    assert {each["DeletionPolicy"] for each in tables} == {"Delete"}


def test_a_worker_may_ask_what_is_live_and_move_or_call_nothing(workers: Template) -> None:
    for role in ("WorkersBatch", "WorkersMessages", "WorkersLongJobs"):
        found = allowed(workers, f"{role}Function")
        assert {each for each in found if each.startswith("lambda:")} == {
            "lambda:GetAlias", "lambda:GetFunctionConfiguration",
        }  # fmt: skip
        assert found["lambda:GetAlias"] == [OWN, f"{OWN}:*"]


def test_what_answers_requests_may_send_jobs_and_read_no_queue(workers: Template) -> None:
    found = allowed(workers, "ModelRole")

    assert found["sqs:SendMessage"] == ["${WorkersJobsQueue5C8E4EE0.Arn}"]
    assert "sqs:ReceiveMessage" not in found
    assert "dynamodb:Scan" not in found
    assert all(each.endswith("/jobs/iris/*") for each in found["s3:DeleteObject"])


def test_every_look_into_a_bucket_is_below_a_prefix(workers: Template) -> None:
    looks = [each for each in statements(workers) if "s3:ListBucket" in as_list(each["Action"])]

    assert looks
    for statement in looks:
        (prefixes,) = statement["Condition"]["StringLike"].values()
        assert prefixes


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
    hopeless, busy, others = partition["Retry"]

    assert "RefusedError" in hopeless["ErrorEquals"]
    assert hopeless["MaxAttempts"] == 0
    assert busy["ErrorEquals"] == ["Lambda.TooManyRequestsException"]
    assert busy["MaxAttempts"] > others["MaxAttempts"] == 3
    assert others["ErrorEquals"] == ["States.ALL"]
    assert (others["BackoffRate"], others["JitterStrategy"]) == (2, "FULL")
    assert partition["TimeoutSeconds"] > 900


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
        "options": {},
    }
    assert allowed(workers, "WorkersScheduleRole") == {
        "states:StartExecution": [text(target["Arn"])],
        "sqs:SendMessage": [text(target["DeadLetterConfig"]["Arn"])],
    }


def test_only_this_account_s_schedules_may_take_the_schedule_s_role(workers: Template) -> None:
    (role,) = [
        each["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
        for each in of_type(workers, "AWS::IAM::Role")
        if "scheduler" in json.dumps(each["Properties"]["AssumeRolePolicyDocument"])
    ]

    assert text(role["Condition"]["StringEquals"]["aws:SourceAccount"]) == "${AWS::AccountId}"


def test_the_store_forgets_what_was_too_large_for_a_message(
    workers_app: dict[str, Template], store: Template
) -> None:
    """And only that of models with a queue: results beside it are kept."""

    def expiring(template: Template) -> dict[str, int]:
        rules = only(template, "AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]
        return {each["Prefix"]: each["ExpirationInDays"] for each in rules if "Prefix" in each}

    assert expiring(store) == {"shadow/": 1, "jobs/": 7}
    assert expiring(workers_app["Wherry-dev-Store"]) == {
        **expiring(store), "queue/iris/claims/": 14,
    }  # fmt: skip
