"""A result as it is sent to SQS, or kept as an object."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from wherry.aws.queues import QueueSink
from wherry.queue.messages import Result
from wherry.queue.sinks import ObjectSink
from wherry.store.settings import open_objects

URL = "https://sqs/results"


class Client:
    def __init__(self) -> None:
        self.sent: list[Mapping[str, Any]] = []

    def send_message(self, **asked: Any) -> Mapping[str, object]:
        self.sent.append(asked)
        return {}


def sent(result: Result, url: str = URL) -> Mapping[str, Any]:
    client = Client()
    QueueSink(client, url).put(result)
    return client.sent[0]


def a_result(
    message_id: str = "m", body: bytes = b"{}", name: str = "m", group: str = ""
) -> Result:
    return Result(id=message_id, name=name, body=body, group=group)


def test_the_id_is_an_attribute_where_sqs_takes_it_as_one() -> None:
    assert sent(a_result("order ö"))["MessageAttributes"]["id"]["StringValue"] == "order ö"
    assert "MessageAttributes" not in sent(a_result("a\x00b"))


@pytest.mark.parametrize("text", ["\ufffe", "a\uffffb", "漢\ufffe"])
def test_what_sqs_takes_in_no_message_is_escaped_and_means_the_same(text: str) -> None:
    body = json.dumps({"label": text}, ensure_ascii=False)

    told = sent(a_result(body=body.encode()))["MessageBody"]

    assert not {"\ufffe", "\uffff"} & set(told)
    assert json.loads(told) == {"label": text}


def test_in_a_fifo_queue_a_repeat_has_the_same_token_and_a_conflict_another() -> None:
    first, again = (sent(a_result(group="g"), f"{URL}.fifo") for _ in range(2))
    conflict = sent(a_result(name="conflicts/m/1", group="g"), f"{URL}.fifo")
    alone = sent(a_result(), f"{URL}.fifo")

    assert first == again
    assert first["MessageGroupId"] == conflict["MessageGroupId"] == "g"
    assert first["MessageDeduplicationId"] != conflict["MessageDeduplicationId"]
    assert alone["MessageGroupId"] == alone["MessageDeduplicationId"]
    assert "MessageGroupId" not in sent(a_result(group="g"))


def test_what_is_kept_stays_and_another_answer_is_put_beside_it(tmp_path: Path) -> None:
    sink = ObjectSink(open_objects(str(tmp_path), {}))
    for body in (b"first", b"first", b"other", b"other"):
        sink.put(a_result(body=body))

    assert (tmp_path / "m.json").read_bytes() == b"first"
    (beside,) = (tmp_path / "conflicts/m").iterdir()
    assert beside.read_bytes() == b"other"
