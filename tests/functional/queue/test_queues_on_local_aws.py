"""SQS keeps the contract of queues; what is laid aside there is given back under its own id."""

import json
from typing import Any
from uuid import uuid4

import pytest
from boto3 import Session

from tests.support.queues_contract import QueuesContract, a_message
from wherry_control.queueing import moving
from wherry_control.queueing.queues import SqsQueues


def new_queue(session: Session, **attributes: str) -> str:
    end = ".fifo" if attributes.get("FifoQueue") else ""
    url: str = session.client("sqs").create_queue(
        QueueName=f"q-{uuid4().hex}{end}", Attributes=attributes
    )["QueueUrl"]
    return url


def laid_aside(session: Session, **attributes: str) -> tuple[str, str]:
    """A queue whose messages are laid aside after one receive, and where they are."""
    client: Any = session.client("sqs")
    dead = new_queue(session, **attributes)
    told = client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])
    policy = {"deadLetterTargetArn": told["Attributes"]["QueueArn"], "maxReceiveCount": 1}
    return new_queue(session, RedrivePolicy=json.dumps(policy), **attributes), dead


class TestSqsQueues(QueuesContract):
    @pytest.fixture
    def url(self, session: Session) -> str:
        return new_queue(session)

    @pytest.fixture
    def queues(self, session: Session) -> SqsQueues:
        return SqsQueues(session.client("sqs"))


@pytest.mark.parametrize("attributes", [{}, {"FifoQueue": "true"}])
def test_who_sent_no_id_keeps_the_queues_own_through_a_redrive(
    session: Session, attributes: dict[str, str]
) -> None:
    client, queues = session.client("sqs"), SqsQueues(session.client("sqs"))
    url, dead = laid_aside(session, **attributes)
    group = {"MessageGroupId": "g", "MessageDeduplicationId": "1"} if attributes else {}
    message_id = client.send_message(QueueUrl=url, MessageBody="[1]", **group)["MessageId"]
    for _ in range(2):
        for each in client.receive_message(QueueUrl=url).get("Messages", ()):
            client.change_message_visibility(
                QueueUrl=url, ReceiptHandle=each["ReceiptHandle"], VisibilityTimeout=0
            )
    (seen,) = moving.look(queues, dead, 10)

    assert moving.redrive(queues, dead, url, lambda _: None) == 1

    (again,) = queues.receive(url)
    assert seen.message.id == again.message.id == message_id
    assert again.message.group == ("g" if attributes else "")


def test_a_fifo_queue_takes_the_same_message_once(session: Session) -> None:
    queues, url = SqsQueues(session.client("sqs")), new_queue(session, FifoQueue="true")
    message = a_message()
    queues.send(url, message)
    queues.send(url, message)

    assert queues.depth(url).waiting == 1
