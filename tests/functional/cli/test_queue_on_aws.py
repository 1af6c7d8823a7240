"""`wherry queue` against a local AWS: sent, counted, looked at, given back."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.support.emulated import local_aws
from tests.support.project import Finished, Project

TEMPLATE = {
    "Resources": {
        "Dead": {"Type": "AWS::SQS::Queue"},
        "Messages": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "RedrivePolicy": {
                    "deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]},
                    "maxReceiveCount": 1,
                }
            },
        },
        "Results": {"Type": "AWS::SQS::Queue"},
    },
    "Outputs": {
        "MessagesQueueUrl": {"Value": {"Ref": "Messages"}},
        "MessagesDeadUrl": {"Value": {"Ref": "Dead"}},
        "ResultsQueueUrl": {"Value": {"Ref": "Results"}},
    },
}
STORE = "wherry-dev-000000000000-us-east-1"


class Aws:
    """A local AWS with the queues of a model, and nobody who answers."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.queue = boto3.client("sqs")
        stacks = boto3.client("cloudformation")
        stacks.create_stack(StackName="Wherry-dev-iris", TemplateBody=json.dumps(TEMPLATE))
        stacks.get_waiter("stack_create_complete").wait(
            StackName="Wherry-dev-iris", WaiterConfig={"Delay": 1}
        )
        (told,) = stacks.describe_stacks(StackName="Wherry-dev-iris")["Stacks"]
        self.urls = {each["OutputKey"]: each["OutputValue"] for each in told["Outputs"]}
        boto3.client("s3").create_bucket(Bucket=STORE)

    def run(self, *words: str, ok: bool = True) -> Finished:
        done = self.project.run("queue", *words, "--json")
        assert (done.code == 0) is ok, done.err
        return done

    def lay_aside(self) -> None:
        """What waits, as if a worker had failed on it as often as it may."""
        url = self.urls["MessagesQueueUrl"]
        while True:
            got = self.queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
            if not got.get("Messages"):
                return
            for each in got["Messages"]:
                self.queue.change_message_visibility(
                    QueueUrl=url, ReceiptHandle=each["ReceiptHandle"], VisibilityTimeout=0
                )

    def waiting(self) -> dict[str, Any]:
        told = self.run("stats", "iris").json
        return {name: depth["waiting"] for name, depth in told.items()}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    project = Project.copy(tmp_path_factory.mktemp("queue") / "checkout")
    with local_aws(project.root / ".wherry" / "local"):
        yield Aws(project)


def test_messages_are_sent_counted_laid_aside_looked_at_and_given_back(aws: Aws) -> None:
    rows = "[[5.1, 3.5, 1.4, 0.2], [6.2, 2.9, 4.3, 1.3]]"
    sent = ("send", "iris", "--data", rows, "--each", "--id", "order")
    would = aws.run(*sent, "--dry-run").json
    assert aws.waiting() == {"messages": 0, "dead": 0, "results": 0}
    assert aws.run(*sent).json == would == {"ids": ["order-1", "order-2"]}
    assert aws.waiting() == {"messages": 2, "dead": 0, "results": 0}

    aws.lay_aside()
    assert aws.waiting() == {"messages": 0, "dead": 2, "results": 0}
    seen = {each["id"]: each["body"] for each in aws.run("peek", "iris").json}
    assert seen == {"order-1": "[[5.1, 3.5, 1.4, 0.2]]", "order-2": "[[6.2, 2.9, 4.3, 1.3]]"}

    assert aws.run("redrive", "iris", "--dry-run").json == {"would_move": 2}
    assert aws.run("redrive", "iris").json == {"moved": 2, "left": 0}
    assert aws.run("redrive", "iris").json == {"moved": 0, "left": 0}
    assert aws.waiting() == {"messages": 2, "dead": 0, "results": 0}
    got = aws.queue.receive_message(
        QueueUrl=aws.urls["MessagesQueueUrl"], MaxNumberOfMessages=10, MessageAttributeNames=["id"]
    )
    assert {each["MessageAttributes"]["id"]["StringValue"] for each in got["Messages"]} == {
        "order-1", "order-2",
    }  # fmt: skip


def test_a_file_whose_sign_was_forgotten_is_not_sent_by_its_name(aws: Aws) -> None:
    file = aws.project.root / "flowers.csv"
    file.write_text("a,b\n1,2\n")

    refused = aws.run("send", "iris", "--data", str(file), "--dry-run", ok=False)

    assert f"--file {file}, or by --data @{file}" in refused.err
    assert refused.code == 2
    aws.run("send", "iris", "--data", "[" + "[1, 2, 3, 4]," * 500 + "[1, 2, 3, 4]]", "--dry-run")


def test_a_result_is_looked_at_in_one_line_and_whole_in_json(aws: Aws) -> None:
    body = json.dumps({"id": "f", "status": 200, "result": {"prediction": "x" * 200}})
    aws.queue.send_message(QueueUrl=aws.urls["ResultsQueueUrl"], MessageBody=body)

    seen = aws.project.run("queue", "peek", "iris", "--of", "results").out.splitlines()

    assert seen[0].split() == ["ID", "STATUS", "ANSWER"]
    assert seen[1].split()[1] == "200"
    assert seen[1].endswith("xxx…")
    assert len(seen[1]) <= 80
    assert aws.run("peek", "iris", "--of", "results").json[0]["body"] == body


def test_a_large_file_is_uploaded_and_its_message_claims_it(aws: Aws) -> None:
    file = aws.project.root / "rows.csv"
    file.write_text("a,b\n" + "1,2\n" * 60_000)

    aws.run("send", "iris", "--file", str(file), "--id", "large")

    (message,) = aws.queue.receive_message(
        QueueUrl=aws.urls["MessagesQueueUrl"], MessageAttributeNames=["All"]
    )["Messages"]
    claim = json.loads(message["Body"])["claim"]
    key = claim.removeprefix(f"s3://{STORE}/")
    assert key.startswith("queue/iris/claims/sent/large/")
    assert message["MessageAttributes"]["content-type"]["StringValue"] == "text/csv"
    told = boto3.client("s3").get_object(Bucket=STORE, Key=key)["Body"].read()
    assert told == file.read_bytes()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("stats", "digits"), "it is not deployed here"),
        (("send", "iris"), "one of --data and --file is wanted"),
        (("send", "iris", "--data", "@absent.json"), "it cannot be read"),
        (("send", "iris", "--data", "{}", "--each"), "no list of rows"),
        (("stats", "nothing"), "nothing"),
    ],
)
def test_what_cannot_be_done_is_told(aws: Aws, words: tuple[str, ...], error: str) -> None:
    assert error in aws.run(*words, ok=False).err
