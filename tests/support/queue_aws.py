"""What a model's stack has for its queue, made in the local AWS; and the worker's environment."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

from boto3 import Session

from tests.support.onnx_models import scaled
from tests.support.services import NOW
from wherry.artifact import Artifact
from wherry.store import ModelStore

ROLE = "arn:aws:iam::000000000000:role/wherry"


def messages_table(client: Any) -> str:
    """As the stack makes it: Powertools' key, and its time to live."""
    name = f"wherry-dev-{uuid4().hex[:8]}-messages"
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    return name


def release(client: Any, function: str, variables: Mapping[str, str]) -> str:
    """A new version of the function with these variables, which is made if need be."""
    told = {"Variables": dict(variables)}
    try:
        client.update_function_configuration(FunctionName=function, Environment=told)
    except client.exceptions.ResourceNotFoundException:
        client.create_function(
            FunctionName=function, Runtime="python3.13", Role=ROLE, Handler="index.handler",
            Code={"ZipFile": _code()}, Environment=told,
        )  # fmt: skip
    version: str = client.publish_version(FunctionName=function)["Version"]
    return version


@dataclass(frozen=True)
class QueueStack:
    """`variables` is the worker's environment, beside what says where AWS is."""

    session: Session
    bucket: str
    results_queue: str
    variables: Mapping[str, str]

    @property
    def told(self) -> list[dict[str, Any]]:
        """What is in the queue of results now; it is taken out."""
        client = self.session.client("sqs")
        found: list[dict[str, Any]] = []
        while True:
            got = client.receive_message(QueueUrl=self.results_queue, MaxNumberOfMessages=10)
            if not got.get("Messages"):
                return found
            for message in got["Messages"]:
                found.append(json.loads(message["Body"]))
                client.delete_message(
                    QueueUrl=self.results_queue, ReceiptHandle=message["ReceiptHandle"]
                )

    def objects(self, prefix: str) -> dict[str, bytes]:
        """By what follows the prefix."""
        client = self.session.client("s3")
        listed = client.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return {
            each["Key"].removeprefix(prefix): client.get_object(
                Bucket=self.bucket, Key=each["Key"]
            )["Body"].read()
            for each in listed
        }


def queue_stack(
    session: Session, artifact: Artifact | None = None, *, fifo: bool = False
) -> QueueStack:
    """All that a model's worker meets, and one release that is live."""
    artifact = artifact or scaled()
    model, tag = artifact.manifest.model, uuid4().hex[:8]
    bucket, function = f"models-{tag}", f"wherry-{tag}-{model}"
    session.client("s3").create_bucket(Bucket=bucket)
    version = ModelStore.open(f"s3://{bucket}").publish(artifact, now=NOW)
    aws = session.client("lambda")
    told = {"WHERRY_DIGEST": version.digest, "WHERRY_MODEL_VERSION": str(version.version)}
    live = release(aws, function, told)
    aws.create_alias(FunctionName=function, Name="live", FunctionVersion=live)
    end, attributes = (".fifo", {"FifoQueue": "true"}) if fifo else ("", {})
    url = session.client("sqs").create_queue(
        QueueName=f"{function}-results{end}", Attributes=attributes
    )["QueueUrl"]
    folder = f"s3://{bucket}/queue/{model}"
    return QueueStack(session, bucket, url, {
        "WHERRY_MODEL": model, "WHERRY_STORE": f"s3://{bucket}", "WHERRY_FUNCTION": function,
        "WHERRY_MESSAGES_TABLE": messages_table(session.client("dynamodb")),
        "WHERRY_RESULTS_QUEUE": url, "WHERRY_RESULTS": f"{folder}/results",
        "WHERRY_CLAIMS": f"{folder}/claims",
    })  # fmt: skip


def _code() -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return {}\n")
    return file.getvalue()
