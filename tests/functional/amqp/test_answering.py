"""The worker at a real RabbitMQ: what it takes, and where its answers go."""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from aio_pika.abc import AbstractChannel
from onnx import helper

from tests.support.amqp import Letter, Peer, asking, rows, until_waiting
from tests.support.onnx_models import onnx_model, sealed, spec
from tests.support.project import Project
from tests.support.rabbitmq import Broker, rabbitmq
from tests.support.services import published
from wherry.artifact import Artifact
from wherry.errors import ToolError, UsageError
from wherry.queue.messages import Answered, Message, Outcome, Result
from wherry_control.queueing.amqp import Work, work
from wherry_control.queueing.amqp_answers import Answers
from wherry_control.queueing.amqp_link import open_link
from wherry_control.queueing.amqp_places import Places
from wherry_control.queueing.amqp_worker import Counts, Ways
from wherry_control.queueing.amqp_worker import Worker as Works
from wherry_control.queueing.sqlite_memory import SqliteMemory

QUEUE = "tiny"
HEARTBEAT = 1  # seconds; after two without any the broker takes the worker for dead
SLOW = 3.5
DIRECT = "amq.rabbitmq.reply-to"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with rabbitmq(tmp_path_factory.mktemp("broker")) as running:
        yield running


@pytest.fixture
def peer(broker: Broker) -> Peer:
    return Peer(broker.url)


class Worker:
    """Works what is there, in this process, and remembers it for the next time."""

    def __init__(self, url: str, folder: Path, variables: Any) -> None:
        self.notes: list[str] = []
        self._url = url
        self._folder = folder
        self._variables = variables

    def __call__(self, queue: str = QUEUE, **asked: Any) -> Counts:
        state = self._folder / f"{queue}.sqlite"
        wanted = Work(self._url, queue, state, once=True, **asked)
        return work(self._variables, wanted, self.notes.append, lambda _: None)


@pytest.fixture
def worker(broker: Broker, tmp_path: Path) -> Worker:
    return Worker(broker.url, tmp_path, published(tmp_path / "store"))


@pytest.fixture
def queue() -> str:
    """Of a test's own."""
    return f"q-{uuid4().hex[:8]}"


def prediction(letter: Letter) -> float:
    answer = letter.json["result"]
    return answer["predictions"][0]["prediction"]


@pytest.mark.parametrize("kind", ["quorum", "classic"])
def test_messages_are_answered_in_batches_whatever_kind_of_queue_they_are_in(
    peer: Peer, worker: Worker, queue: str, kind: str
) -> None:
    peer.declare(queue, kind)
    peer.send(queue, rows(range(200)))

    counts = worker(queue, batch=50)

    letters = peer.take(f"{queue}.results")
    assert {letter.message_id: prediction(letter) for letter in letters} == {
        f"m-{n}": 2 * n for n in range(200)
    }
    assert (counts.messages, len(letters), peer.waiting(queue)) == (200, 200, 0)
    assert counts.mean_batch > 10


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


def test_an_answer_goes_to_whom_its_message_names_and_says_which_call_it_is_of(
    peer: Peer, worker: Worker, queue: str
) -> None:
    peer.declare(queue)
    peer.declare(f"{queue}.mine")
    call = asking(None, [[1, 1, 1, 1]], reply_to=f"{queue}.mine", correlation_id="call-1")
    peer.send(queue, [call])

    worker(queue)

    [letter] = peer.take(f"{queue}.mine")
    assert (letter.correlation_id, prediction(letter)) == ("call-1", 8)
    assert peer.waiting(f"{queue}.results") == 0


def test_an_answer_to_one_who_has_gone_is_with_the_results(
    peer: Peer, worker: Worker, queue: str
) -> None:
    peer.declare(queue)
    peer.send(queue, [asking("m", [[1, 1, 1, 1]], reply_to="gone")])

    worker(queue)

    assert [letter.message_id for letter in peer.take(f"{queue}.results")] == ["m"]


def test_a_caller_by_direct_reply_has_its_answer(peer: Peer, worker: Worker, queue: str) -> None:
    peer.declare(queue)

    async def ask(channel: AbstractChannel) -> Any:
        answers: asyncio.Queue[Any] = asyncio.Queue()
        replies = await channel.get_queue(DIRECT, ensure=False)
        await replies.consume(answers.put, no_ack=True)
        call = asking("m", [[1, 2, 3, 4]], reply_to=DIRECT, correlation_id="call-1")
        await channel.default_exchange.publish(call, queue)
        return await asyncio.wait_for(answers.get(), 30)

    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(peer.ask, ask)
        until_waiting(peer, queue, 1)
        worker(queue)
        answer = asked.result()

    assert answer.correlation_id == "call-1"
    assert json.loads(answer.body)["result"]["predictions"][0]["prediction"] == 20
    assert peer.waiting(f"{queue}.results") == 0


def test_a_sender_that_repeats_itself_has_one_result(
    peer: Peer, worker: Worker, queue: str
) -> None:
    peer.declare(queue)
    peer.send(queue, [*rows(range(20)), *rows(range(20))])
    first = worker(queue, batch=8)
    peer.send(queue, rows(range(20)))
    second = worker(queue, batch=8)

    letters = peer.take(f"{queue}.results")
    assert sorted(letter.message_id or "" for letter in letters) == sorted(
        f"m-{n}" for n in range(20)
    )
    assert (first.messages, first.repeated) == (second.repeated, 20) == (20, 20)


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


def test_what_is_there_is_used_as_it_is(peer: Peer, worker: Worker, queue: str) -> None:
    """Other queues and exchanges than it would make itself, of the same names."""

    async def made(channel: AbstractChannel) -> None:
        for name in (queue, f"{queue}.results", f"{queue}.dead"):
            await channel.declare_queue(name, durable=True, arguments={"x-max-length": 1000})
            await channel.declare_exchange(name, "topic", durable=True)

    peer.ask(made)
    peer.send(queue, rows([1]))

    assert worker(queue).messages == 1


def test_a_large_body_and_a_large_answer_go_by_claims(
    peer: Peer, worker: Worker, queue: str, tmp_path: Path
) -> None:
    claims = tmp_path / "claims"
    claims.mkdir()
    many = [[1, 1, 1, 1]] * 9_000
    (claims / "in.json").write_text(json.dumps(many))
    peer.declare(queue)
    peer.send(queue, [asking("m", {"claim": f"{claims}/in.json"})])

    worker(queue, claims=str(claims))

    [letter] = peer.take(f"{queue}.results")
    answer = json.loads(Path(letter.json["claim"]).read_text())
    assert len(answer["predictions"]) == len(many)


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


class Slow:
    """A core that takes longer than the broker waits for a sign of life."""

    def answer_all(
        self, messages: Sequence[Message], remaining: Callable[[], float]
    ) -> list[Outcome]:
        Event().wait(min(SLOW, remaining()))
        return [Answered(Result(id=each.id, name=each.id, body=b"{}")) for each in messages]


def test_a_run_that_takes_long_does_not_cost_the_connection(
    broker: Broker, peer: Peer, queue: str
) -> None:
    peer.declare(queue)
    peer.send(queue, rows([1]))
    memory = SqliteMemory(Path(":memory:"))
    places = Places(queue)
    connect = partial(open_link, f"{broker.url}?heartbeat={HEARTBEAT}", places, 10)
    ways = Ways(10, once=True, note=print, progress=lambda _: None)

    worker = Works(connect, Answers(Slow(), memory, 3), places, ways)
    counts = asyncio.run(asyncio.wait_for(worker.run(), 30))

    memory.close()
    assert (counts.messages, counts.lost) == (1, 0)
    assert len(peer.take(f"{queue}.results")) == 1
