"""
Workers and brokers killed in the middle, and each message has one result all the same.

Whatever is told more than once is told with the same bytes by the same id, so that who reads the
results has each once.
"""

import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.support.amqp import Letter, Peer, Process, rows, until_waiting, working
from tests.support.emulated import until
from tests.support.rabbitmq import Broker
from tests.support.services import published

MESSAGES = 2_000
KILLED = 8


@pytest.fixture
def variables(tmp_path: Path) -> Mapping[str, str]:
    return published(tmp_path / "store")


def each_has_one_result(letters: Sequence[Letter], messages: int) -> None:
    """And it is its own, whatever its neighbours were."""
    told: dict[str | None, set[bytes]] = {}
    for letter in letters:
        told.setdefault(letter.message_id, set()).add(letter.body)
    assert told.keys() == {f"m-{n}" for n in range(messages)}
    assert {len(bodies) for bodies in told.values()} == {1}
    answers = {letter.message_id: letter.json["result"]["predictions"][0] for letter in letters}
    assert all(answers[f"m-{n}"]["prediction"] == 2 * n for n in range(messages))


def finished(process: Process) -> int:
    """How often it was told before, once the queue is empty."""
    process.popen.wait(60)
    repeated: int = process.counts()["repeated"]
    return repeated


def test_a_worker_that_is_killed_again_and_again_loses_and_doubles_nothing(
    broker: Broker, variables: Mapping[str, str], tmp_path: Path, queue: str
) -> None:
    peer = Peer(broker.url)
    peer.declare(queue)
    peer.send(queue, rows(range(MESSAGES)))

    for kill in range(KILLED):
        with working(variables, tmp_path, url=broker.url, queue=queue, batch=16) as process:
            until_waiting(peer, f"{queue}.results", (kill + 1) * MESSAGES // (2 * KILLED))
            process.kill()
        assert process.popen.returncode == -signal.SIGKILL
    with working(variables, tmp_path, url=broker.url, queue=queue, once=True) as process:
        finished(process)

    each_has_one_result(peer.take(f"{queue}.results"), MESSAGES)
    assert (peer.waiting(queue), peer.waiting(f"{queue}.dead")) == (0, 0)


@pytest.mark.parametrize("kind", ["quorum", "classic"])
def test_a_broker_that_is_killed_in_the_middle_loses_nothing_and_the_worker_comes_back(
    broker: Broker, variables: Mapping[str, str], tmp_path: Path, queue: str, kind: str
) -> None:
    peer = Peer(broker.url)
    peer.declare(queue, kind)
    peer.send(queue, rows(range(MESSAGES)))

    with working(variables, tmp_path, url=broker.url, queue=queue, batch=16) as process:
        until_waiting(peer, f"{queue}.results", MESSAGES // 4)
        broker.kill()
        until(lambda: "lost the broker" in process.notes)
        broker.start()
        until_waiting(peer, f"{queue}.results", MESSAGES)
        until(lambda: peer.waiting(queue) == 0)
        counts = process.end()

    assert counts["lost"] >= 1
    each_has_one_result(peer.take(f"{queue}.results"), MESSAGES)
    assert (peer.waiting(queue), peer.waiting(f"{queue}.dead")) == (0, 0)


def test_a_worker_that_is_asked_to_stop_finishes_what_it_has_in_hand(
    broker: Broker, variables: Mapping[str, str], tmp_path: Path, queue: str
) -> None:
    peer = Peer(broker.url)
    peer.declare(queue)
    peer.send(queue, rows(range(MESSAGES)))

    with working(variables, tmp_path, url=broker.url, queue=queue, batch=16) as process:
        until_waiting(peer, f"{queue}.results", 1)
        counts = process.end()

    assert "finishing the batch in hand" in process.notes
    assert counts["messages"] == peer.waiting(f"{queue}.results")
    until(lambda: peer.waiting(queue) == MESSAGES - counts["messages"])
