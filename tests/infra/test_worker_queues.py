"""What messages and jobs lie in: nothing is lost on the way, and nothing stays for ever."""

from pathlib import Path

import pytest

from docs.checks import DOCS
from infra.components.jobs import RECEIVES
from tests.infra.synth import Template, of_type, only
from tests.infra.worker_parts import model_with, queues

QUEUES = {"messages", "messages-dead", "results", "jobs", "jobs-dead", "batch-dead"}
NUMBERS = ("none", "one", "two", "three", "four", "five", "six")


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
        assert mapping["ScalingConfig"]["MaximumConcurrency"] < 1000  # an account's, for all it has
    for name in ("messages", "jobs"):
        told = queues(workers)[name]["RedrivePolicy"]
        assert told["maxReceiveCount"] >= 5  # what AWS advises: a throttled call counts as one
        for queue in (name, f"{name}-dead"):
            assert queues(workers)[queue]["MessageRetentionPeriod"] == 14 * 86_400


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
        ("ApproximateAgeOfOldestMessage", 5 * 180),
        ("ApproximateAgeOfOldestMessage", 5 * 5400),
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


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("how-to/long-jobs.md", "is followed by another, {} in all"),
        ("how-to/long-jobs.md", "is killed, {} times, and has then failed"),
        ("reference/http.md", "is followed by another, {} in all on AWS"),
    ],
)
def test_the_pages_say_how_often_a_job_is_tried(page: str, words: str) -> None:
    text = " ".join((DOCS / page).read_text().split())

    assert words.format(NUMBERS[RECEIVES]) in text
