"""SQS: taking dead letters back."""
# ruff: noqa: SLF001 (private functions of a pinned version are what is fixed here)

import json
import time
from types import ModuleType
from typing import Any
from uuid import uuid4

from infra.local_aws.emulator.wrapping import Record, check

SOURCE = "DeadLetterQueueSourceArn"


def move_dead_letters_back(sqs: ModuleType) -> None:
    """
    AWS moves the messages of a dead-letter queue to where they came from, or to another queue, as
    StartMessageMoveTask asks; MiniStack knows no such call. A task is done when it has been
    started: there are no large queues here.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
    """
    check(sqs, "_HANDLERS", "_queue_by_arn", "_queues", "_queues_lock", "_Err", "esm_wake")
    tasks: list[Record] = []

    def start(told: Record, _: str) -> Record:
        source = told.get("SourceArn", "")
        with sqs._queues_lock:
            dead = sqs._queue_by_arn(source)
            if dead is None or not sources_of(sqs, source):
                raise sqs._Err(
                    "AWS.SimpleQueueService.NonExistentQueue", f"no dead letters: {source}"
                )
            moved = len(dead["messages"])
            for message in dead["messages"]:
                _take_back(sqs, message, told.get("DestinationArn", ""))
            dead["messages"] = []
        handle = uuid4().hex
        tasks.insert(0, {
            "TaskHandle": handle, "Status": "COMPLETED", "SourceArn": source,
            "ApproximateNumberOfMessagesMoved": moved, "ApproximateNumberOfMessagesToMove": moved,
            "StartedTimestamp": int(time.time() * 1000),
        })  # fmt: skip
        sqs.esm_wake.set()
        return {"TaskHandle": handle}

    def list_(told: Record, _: str) -> Record:
        found = [task for task in tasks if task["SourceArn"] == told.get("SourceArn")]
        return {"Results": found[: int(told.get("MaxResults", 1))]}

    sqs._HANDLERS.update({"StartMessageMoveTask": start, "ListMessageMoveTasks": list_})


def sources_of(sqs: ModuleType, arn: str) -> list[Record]:
    """The queues whose dead letters lie there."""
    found = []
    for queue in sqs._queues.values():
        policy: Any = json.loads(queue["attributes"].get("RedrivePolicy") or "{}")
        if policy.get("deadLetterTargetArn") == arn:
            found.append(queue)
    return found


def _take_back(sqs: ModuleType, message: Record, destination: str) -> None:
    source = message.get("sys", {}).get(SOURCE, "")
    queue = sqs._queue_by_arn(destination or source)
    if queue is None:
        raise sqs._Err("AWS.SimpleQueueService.NonExistentQueue", f"{destination or source}")
    system = {k: v for k, v in message.get("sys", {}).items() if k != SOURCE}
    queue["messages"].append(
        {**message, "sys": system, "receive_count": 0, "receipt_handle": None,
         "first_receive_at": None, "visible_at": time.time()}
    )  # fmt: skip
