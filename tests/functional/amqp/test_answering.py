"""The worker at a real RabbitMQ: what it takes, and where its answers go."""

import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from aio_pika.abc import AbstractChannel

from tests.support.amqp import Peer, asking, rows, until_waiting
from tests.support.amqp_working import Worker, prediction
from tests.support.rabbitmq import Broker
from wherry.queue.messages import Answered, Message, Outcome, Result
from wherry_control.queueing.amqp_answers import Answers
from wherry_control.queueing.amqp_link import open_link
from wherry_control.queueing.amqp_places import Places
from wherry_control.queueing.amqp_worker import Ways
from wherry_control.queueing.amqp_worker import Worker as Works
from wherry_control.queueing.sqlite_memory import SqliteMemory

HEARTBEAT = 1  # seconds; after two without any the broker takes the worker for dead
SLOW = 3.5
DIRECT = "amq.rabbitmq.reply-to"


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
