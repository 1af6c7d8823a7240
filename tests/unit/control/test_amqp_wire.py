"""Messages of AMQP to those of the core, and results and dead letters back."""

import json
from typing import Any

import aio_pika
import pytest

from tests.support.amqp import incoming
from wherry.queue.messages import Result
from wherry_control.queueing import amqp_wire as wire
from wherry_control.queueing.amqp_answers import LayAside
from wherry_control.queueing.amqp_places import Places

PLACES = Places("iris")
BODY = b"[[1, 2, 3, 4]]"


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        ({"headers": {"Id": "h"}, "message_id": "m", "correlation_id": "c"}, "h"),
        ({"message_id": "m", "correlation_id": "c"}, "m"),
        ({"correlation_id": "c"}, "c"),
    ],
)
def test_a_message_goes_by_the_name_that_its_sender_gave_it(
    properties: dict[str, Any], name: str
) -> None:
    told = wire.delivery(incoming(**properties), PLACES)

    assert told.message.id == name
    assert told.named


def test_a_message_without_a_name_goes_by_its_content() -> None:
    told, like, other = (wire.delivery(incoming(body), PLACES) for body in (BODY, BODY, b"[]"))

    assert not told.named
    assert told.message.id == like.message.id != other.message.id


@pytest.mark.parametrize(
    ("content_type", "attributes"),
    [("text/csv", {"content-type": "text/csv"}), (None, {}), ("application/octet-stream", {})],
)
def test_what_a_body_is_comes_from_the_property(
    content_type: str | None, attributes: dict[str, str]
) -> None:
    told = wire.delivery(incoming(content_type=content_type, message_id="m"), PLACES)

    assert told.message.attributes == attributes


def test_a_header_says_where_tensors_follow() -> None:
    headers: Any = {"Inference-Header-Content-Length": 17}

    told = wire.delivery(incoming(headers=headers), PLACES)

    assert told.message.attributes == {"inference-header-content-length": "17"}


@pytest.mark.parametrize(("count", "given"), [(4, 4), ("many", 0), (None, 0)])
def test_the_brokers_count_is_read_where_there_is_one(count: Any, given: int) -> None:
    headers: Any = {} if count is None else {"x-delivery-count": count}
    told = wire.delivery(incoming(headers=headers, again=True), PLACES)

    assert (told.given, told.again) == (given, True)


@pytest.mark.parametrize(("reply_to", "place"), [(None, "iris.results"), ("caller", "caller")])
def test_a_result_goes_where_its_message_says_or_to_the_results(
    reply_to: str | None, place: str
) -> None:
    assert wire.delivery(incoming(reply_to=reply_to), PLACES).place == place


@pytest.mark.parametrize(("correlation_id", "told"), [(None, "m"), ("c", "c")])
def test_a_result_says_whose_it_is_and_is_kept_by_the_broker(
    correlation_id: str | None, told: str
) -> None:
    result = Result(id="m", name="m", body=b"{}")

    message = wire.told(result, incoming(message_id="m", correlation_id=correlation_id))

    assert (message.message_id, message.correlation_id) == ("m", told)
    assert message.headers == {"id": "m"}
    assert message.content_type == "application/json"
    assert message.delivery_mode is aio_pika.DeliveryMode.PERSISTENT


def test_a_name_that_fits_no_property_is_shortened_the_same_way_each_time() -> None:
    result = Result(id="漢" * 200, name="x" * 256, body=b"{}")

    first, second = (wire.told(result, incoming()) for _ in range(2))

    assert len(first.message_id or "") == len(first.correlation_id or "") == 64
    assert (first.message_id, first.headers) == (second.message_id, {"id": "漢" * 200})


def test_a_dead_letter_is_the_message_as_it_came_and_says_why() -> None:
    came = incoming(
        json.dumps([1]).encode(),
        headers={"id": "h", "mine": 1, "x-delivery-count": 9},
        message_id="m",
        content_type="text/csv",
        reply_to="caller",
    )

    letter = wire.dead(came, LayAside("it failed", 3), PLACES)

    assert (letter.body, letter.message_id, letter.reply_to) == (b"[1]", "m", "caller")
    assert letter.content_type == "text/csv"
    assert letter.delivery_mode is aio_pika.DeliveryMode.PERSISTENT
    assert letter.headers == {
        "id": "h",
        "mine": 1,
        "x-wherry-reason": "it failed",
        "x-wherry-receives": 3,
        "x-wherry-queue": "iris",
    }
