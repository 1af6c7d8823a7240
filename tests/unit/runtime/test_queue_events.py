"""What Lambda hands over from each broker is read, and given back as that broker wants it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.queue_events import Context, Event, Sent, kafka, rabbitmq, sqs
from tests.support.queue_models import negating, tensor
from tests.support.queues import FakeMemory, KeptResults, parts_of
from wherry.errors import CloudError, RequestError
from wherry.queue.events import read
from wherry.queue.handling import EventHandler
from wherry.queue.memory import Key
from wherry.queue.messages import Message
from wherry.queue.work import Worker

ONE = tensor(1).encode()
BROKERS = [sqs, rabbitmq, kafka]


def handler(memory: FakeMemory, sink: KeptResults) -> EventHandler:
    parts = parts_of(negating(), memory=memory, sinks=(sink,))
    return EventHandler(Worker(parts, threads=1))


def messages(event: Event) -> list[Message | None]:
    return [record.message for record in read(event).records]


def key_of(event: Event, place: int) -> Key:
    message = messages(event)[place]
    assert message is not None
    return Key.of(message)


@pytest.mark.parametrize("event", BROKERS)
def test_a_message_is_read_with_its_bytes_and_what_says_what_they_are(
    event: Callable[..., Event],
) -> None:
    sent = Sent("15", b"x\n1\n", headers={"Content-Type": "text/csv", "other": "é"})

    (message,) = messages(event(sent))

    assert message is not None
    assert message.body == b"x\n1\n"
    assert message.attributes == {"content-type": "text/csv"}


@pytest.mark.parametrize("event", BROKERS)
def test_the_senders_id_goes_before_the_brokers(event: Callable[..., Event]) -> None:
    (mine, theirs) = messages(event(Sent("15", ONE, headers={"id": "order-ö"}), Sent("16", ONE)))

    assert mine is not None
    assert theirs is not None
    assert mine.id == "order-ö"
    assert theirs.id == {"sqs": "16", "rabbitmq": "16", "kafka": "mytopic-0-16"}[event.__name__]


def test_what_rabbitmq_brings_without_an_id_has_the_same_one_each_time() -> None:
    one, again, other = messages(
        rabbitmq(Sent("", ONE), Sent("", ONE), Sent("", tensor(2).encode()))
    )

    assert one is not None
    assert again is not None
    assert other is not None
    assert one.id == again.id != other.id


def test_only_a_fifo_queue_and_a_partition_have_an_order() -> None:
    fair = sqs(Sent("1", ONE))
    fair["Records"][0]["attributes"]["MessageGroupId"] = "a tenant"

    groups = [
        message.group
        for event in (
            fair,
            sqs(Sent("1", ONE, "g")),
            rabbitmq(Sent("1", ONE)),
            kafka(Sent("1", ONE)),
        )
        for message in messages(event)
        if message is not None
    ]

    assert groups == ["", "g", "", "mytopic-0"]


def test_sqs_takes_back_what_failed_and_only_that() -> None:
    memory, sink = FakeMemory(), KeptResults()
    event = sqs(Sent("a", ONE), Sent("b", ONE), Sent("c", ONE), Sent("d", b"{"))
    memory.begin(key_of(event, 2), 60)

    told = handler(memory, sink)(event, Context())

    assert told == {"batchItemFailures": [{"itemIdentifier": "c"}]}
    assert set(sink.by_name) == {"a", "b", "d"}


@pytest.mark.parametrize("broken", [{"body": None}, {"messageAttributes": [1]}, {"attributes": 3}])
def test_a_record_that_cannot_be_read_fails_no_neighbour(broken: dict[str, Any]) -> None:
    sink = KeptResults()
    event = sqs(Sent("a", ONE), Sent("b", ONE), Sent("c", ONE))
    event["Records"][1] |= broken

    told = handler(FakeMemory(), sink)(event, Context())

    assert told == {"batchItemFailures": [{"itemIdentifier": "b"}]}
    assert set(sink.by_name) == {"a", "c"}


def test_in_a_fifo_queue_nothing_is_done_after_a_record_that_cannot_be_read() -> None:
    sink = KeptResults()
    event = sqs(*(Sent(name, ONE, "g") for name in "abc"))
    event["Records"][1]["body"] = None

    told = handler(FakeMemory(), sink)(event, Context())

    assert [each["itemIdentifier"] for each in told["batchItemFailures"]] == ["b", "c"]
    assert set(sink.by_name) == {"a"}


@pytest.mark.parametrize("event", [rabbitmq, kafka])
def test_a_broker_that_takes_nothing_back_brings_all_again_and_results_stay(
    event: Callable[..., Event],
) -> None:
    memory, sink = FakeMemory(), KeptResults()
    told = event(Sent("1", ONE), Sent("2", ONE))
    busy = key_of(told, 1)
    memory.begin(busy, 60)

    with pytest.raises(CloudError, match="1 of its 2"):
        handler(memory, sink)(told, Context())
    memory.abandon(busy)

    assert handler(memory, sink)(told, Context()) == {"batchItemFailures": []}
    assert len(sink.results) == 3
    assert all(len(bodies) == 1 for bodies in sink.by_name.values())


def test_a_body_that_is_no_base64_is_told_apart() -> None:
    sink = KeptResults()
    event = kafka(Sent("1", ONE))
    event["records"]["mytopic-0"][0]["value"] = "a"

    with pytest.raises(CloudError):
        handler(FakeMemory(), sink)(event, Context())


def test_a_tombstone_of_kafka_is_refused_and_holds_nothing_up() -> None:
    sink = KeptResults()
    event = kafka(Sent("1", ONE))
    event["records"]["mytopic-0"][0]["value"] = None

    assert handler(FakeMemory(), sink)(event, Context()) == {"batchItemFailures": []}
    assert [json.loads(each.body)["status"] for each in sink.results] == [400]


@pytest.mark.parametrize("event", [{}, {"Records": [{"eventSource": "aws:s3"}]}, {"Records": 1}])
def test_an_event_of_something_else_is_refused(event: Event) -> None:
    with pytest.raises(RequestError, match="no broker"):
        read(event)


def test_with_no_time_left_all_are_given_back() -> None:
    told = handler(FakeMemory(), KeptResults())(sqs(Sent("a", ONE)), Context(900))

    assert told == {"batchItemFailures": [{"itemIdentifier": "a"}]}
