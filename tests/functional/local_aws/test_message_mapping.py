"""
How the local AWS hands messages to a function: in the order of their groups, again where one
failed, and to the dead letters in the end. Workers are built on it, so it is proven without them.
"""

import io
import json
import zipfile
from collections.abc import Iterator

import boto3
import pytest

from tests.support.emulated import local_aws, until

ROLE = "arn:aws:iam::000000000000:role/any"
CODE = """
import json, os, time
import boto3

s3 = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])

def handler(event, context):
    failed, groups = [], set()
    for record in event["Records"]:
        group = record["attributes"]["MessageGroupId"]
        if record["body"] == "bad" or group in groups:
            groups.add(group)
            failed.append({"itemIdentifier": record["messageId"]})
            continue
        s3.put_object(Bucket="seen", Key=f"{group}/{time.time_ns()}", Body=record["body"].encode())
    return {"batchItemFailures": failed}
"""


@pytest.fixture(scope="module", autouse=True)
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with local_aws(tmp_path_factory.mktemp("aws")):
        yield


def queue(name: str, **attributes: str) -> tuple[str, str]:
    """The URL and the ARN of a FIFO queue."""
    client = boto3.client("sqs")
    url = client.create_queue(
        QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true", **attributes}
    )["QueueUrl"]
    told = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, told["Attributes"]["QueueArn"]


def feed(arn: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", CODE)
    client = boto3.client("lambda")
    client.create_function(
        FunctionName="worker", Runtime="python3.11", Role=ROLE, Handler="handler.handler",
        Code={"ZipFile": packed.getvalue()}, Timeout=30,
    )  # fmt: skip
    client.create_event_source_mapping(
        EventSourceArn=arn, FunctionName="worker", FunctionResponseTypes=["ReportBatchItemFailures"]
    )


def seen(group: str) -> list[str]:
    client = boto3.client("s3")
    found = client.list_objects_v2(Bucket="seen", Prefix=f"{group}/").get("Contents", [])
    return [
        client.get_object(Bucket="seen", Key=each["Key"])["Body"].read().decode() for each in found
    ]


def test_a_group_waits_behind_what_failed_and_others_do_not() -> None:
    boto3.client("s3").create_bucket(Bucket="seen")
    sqs = boto3.client("sqs")
    dead, dead_arn = queue("dead")
    policy = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2})
    url, arn = queue("messages", VisibilityTimeout="1", RedrivePolicy=policy)
    for number, (group, body) in enumerate(
        [("a", "first"), ("a", "bad"), ("a", "last"), ("b", "one"), ("b", "two")]
    ):
        sqs.send_message(
            QueueUrl=url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=str(number)
        )
    feed(arn)

    def given_up() -> int:
        told = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["All"])["Attributes"]
        return int(told["ApproximateNumberOfMessages"])

    until(lambda: given_up() == 2)
    assert seen("a") == ["first"]  # "last" was never answered before "bad" was
    assert seen("b") == ["one", "two"]

    task = sqs.start_message_move_task(SourceArn=dead_arn)["TaskHandle"]
    (told,) = sqs.list_message_move_tasks(SourceArn=dead_arn)["Results"]
    assert (told["TaskHandle"], told["ApproximateNumberOfMessagesMoved"]) == (task, 2)
