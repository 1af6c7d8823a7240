"""What is refused: a message by the worker, a worker by the broker; always with the reason."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import helper

from tests.support.amqp import Peer, asking, rows
from tests.support.amqp_working import Worker, prediction
from tests.support.onnx_models import onnx_model, sealed, spec
from tests.support.project import Project
from tests.support.rabbitmq import Broker
from tests.support.services import published
from wherry.artifact import Artifact
from wherry.errors import ToolError, UsageError


def test_what_its_sender_must_mend_is_a_result_in_the_protocols_own_words(
    peer: Peer, worker: Worker, queue: str
) -> None:
    peer.declare(queue)
    wrong = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1], "data": [1]}]}
    peer.send(queue, [asking("cut", b"{"), asking("wrong", wrong), *rows([7])])

    counts = worker(queue)

    told = {letter.message_id: letter for letter in peer.take(f"{queue}.results")}
    assert told["cut"].json["status"] == told["wrong"].json["status"] == 400
    assert 'the model has no such input; it has "features"' in told["wrong"].json["error"]
    assert prediction(told["m-7"]) == 14
    assert (counts.refused, counts.dead, peer.waiting(f"{queue}.dead")) == (2, 0, 0)


def dividing() -> Artifact:
    """`y` is twelve divided by what `x` is more than five: at five it fails."""
    inputs, outputs = [spec("x", "INT32")], [spec("y", "INT32")]
    nodes = [
        helper.make_node("Sub", ["x", "five"], ["more"]),
        helper.make_node("Div", ["twelve", "more"], ["y"]),
    ]
    numbers = {"five": np.full(1, 5, np.int32), "twelve": np.full(1, 12, np.int32)}
    return sealed(onnx_model(nodes, inputs, outputs, numbers), inputs, outputs)


def by(number: int) -> Any:
    return {"inputs": [{"name": "x", "datatype": "INT32", "shape": [1], "data": [number]}]}


def test_a_message_that_the_model_fails_on_is_laid_aside_with_the_reason(
    peer: Peer, broker: Broker, queue: str, tmp_path: Path
) -> None:
    peer.declare(queue)
    dividing_worker = Worker(broker.url, tmp_path, published(tmp_path / "store", dividing()))
    good = [asking(f"m-{n}", by(n)) for n in (6, 7, 8, 9, 11, 17)]
    peer.send(queue, [*good[:3], asking("poison", by(5)), *good[3:]])

    counts = dividing_worker(queue, max_receives=2)

    [letter] = peer.take(f"{queue}.dead")
    assert (letter.message_id, letter.json) == ("poison", by(5))
    assert letter.headers["x-wherry-receives"] == 2
    assert "Div" in letter.headers["x-wherry-reason"]
    answers = [each.json["result"]["outputs"][0]["data"] for each in peer.take(f"{queue}.results")]
    assert answers == [[12], [6], [4], [3], [2], [1]]
    assert (counts.messages, counts.dead, counts.failed) == (6, 1, 1)
    assert "laid aside 'poison'" in "".join(dividing_worker.notes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("guest:guest", "guest:secret"), "ACCESS_REFUSED"),
        (("/", "/nowhere"), "nowhere"),
        ((":{port}", ":1"), "Connect call failed"),
    ],
)
def test_a_broker_that_cannot_be_had_is_told_at_once_without_the_password(
    broker: Broker, tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    before, after = (each.format(port=broker.port) for each in change)
    head, _, tail = broker.url.rpartition(before)
    worker = Worker(f"{head}{after}{tail}", tmp_path, published(tmp_path / "store"))

    with pytest.raises(ToolError, match=words) as refused:
        worker()

    assert "guest" not in str(refused.value).replace("user 'guest'", "")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "WHERRY_AMQP"),
        (["--amqp", "http://user:secret@localhost/"], "amqps://"),
        (["--amqp", "amqp://user:secret@localhost:port/"], "amqps://"),
    ],
)
def test_a_command_that_names_no_broker_is_told_what_to_write(
    tmp_path: Path, words: list[str], told: str
) -> None:
    done = Project.copy(tmp_path / "checkout").run("queue", "work", "iris", *words)

    assert done.code == 2
    assert "error: --amqp" in done.err
    assert told in done.err
    assert "secret" not in done.err


@pytest.mark.parametrize("name", ["", "a*b", "é", "x" * 201])
def test_a_name_that_no_queue_can_have_is_told(worker: Worker, name: str) -> None:
    with pytest.raises(UsageError, match="--queue"):
        worker(name)
