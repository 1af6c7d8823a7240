"""Functions for work that no request brings: what they are told, and what each may touch."""

from pathlib import Path

import pytest

from tests.infra.synth import (
    Template,
    as_list,
    lock_with,
    project,
    statements,
    synth,
    text,
)
from tests.infra.worker_parts import OWN, STORE, allowed, functions, model_with, queues


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


def test_every_look_into_a_bucket_is_below_a_prefix_or_into_one_that_is_named_whole(
    workers: Template,
) -> None:
    looks = [each for each in statements(workers) if "s3:ListBucket" in as_list(each["Action"])]

    assert looks
    whole = [each for each in looks if "Condition" not in each]
    assert [text(each["Resource"]) for each in whole] == ["arn:${AWS::Partition}:s3:::reports"]
    for statement in looks:
        if statement not in whole:
            (prefixes,) = statement["Condition"]["StringLike"].values()
            assert prefixes
