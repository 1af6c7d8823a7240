"""
Workers of one queue under every schedule: what is sent, received, held up, killed and sent again.

What holds, checked all along: nothing is acknowledged before its result is there; a name has one
result for good; a group's results come in order. At the end, when nothing fails any more: every
message that was sent has its result, and it is the right one.
"""

from contextlib import suppress
from random import Random

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.proof.brokers import Broker, Held
from tests.proof.steering import Running, Steered, Turn, at_point
from tests.proof.worlds import AT_ONCE, Working
from tests.support.onnx_models import scaled
from tests.support.queues import FakeMemory, KeptResults, parts_of
from tests.support.services import service_of
from wherry.errors import CloudError
from wherry.pinned import Pinned, Share
from wherry.queue.memory import Key
from wherry.queue.messages import Failed, Message, Outcome
from wherry.queue.results import name_of
from wherry.queue.work import Worker

SERVICE = service_of(scaled())  # one for all schedules: it keeps nothing of a request
STABLE = Pinned("7", 1, SERVICE.release.digest)
CANDIDATE = Pinned("8", 2, SERVICE.release.digest)
SECONDS = 30.0  # of one invocation
GROUPS = ("a", "b")
BAD = b'{"inputs": 1}'


def asking(number: int) -> bytes:
    return f"[[{number}, 1, 1, 1]]".encode()


class LiveNow:
    """`Live` as a rollout would move it."""

    def __init__(self) -> None:
        self.candidate = 0.0

    def shares(self) -> list[Share]:
        return [Share(STABLE, 1 - self.candidate), Share(CANDIDATE, self.candidate)]


class QueueWorld(Working):
    """One queue, its workers, and all that may go wrong."""

    fifo = False

    def __init__(self) -> None:
        super().__init__()
        self.broker = Broker(visibility=6 * SECONDS, most_receives=3, fifo=self.fifo)
        self.memory = FakeMemory(lambda: self.broker.now)
        self.kept = KeptResults()
        self.live = LiveNow()
        self.sent: dict[str, list[Message]] = {}
        parts = parts_of(
            service=SERVICE,
            live=Steered(self.live, "shares"),
            memory=Steered(self.memory, "begin", "finish", "abandon"),
            sinks=(Steered(self.kept, "put"),),
        )
        self.worker = Worker(parts, threads=1)

    @initialize(bad=st.lists(st.booleans(), min_size=1, max_size=4))
    def begin(self, bad: list[bool]) -> None:
        """Hypothesis leaves out some rules of each schedule; without a message none says much."""
        for each in bad:
            self.send(bad=each, group=GROUPS[0])

    @rule(bad=st.booleans(), group=st.sampled_from(GROUPS))
    def send(self, *, bad: bool, group: str) -> None:
        number = len(self.sent)
        body = BAD if bad else asking(number)
        self._send(Message(id=f"m{number}", body=body, group=group if self.fifo else ""))

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 9), same=st.booleans())
    def send_again_by_the_same_id(self, which: int, *, same: bool) -> None:
        """A producer that saw no reply; or one that uses an id twice."""
        first = self.sent[f"m{which % len(self.sent)}"][0]
        body = first.body if same else asking(1000 + len(self.sent[first.id]))
        self._send(Message(id=first.id, body=body, group=first.group))

    @precondition(lambda self: self.has_room)
    @rule(most=st.integers(1, 4), seed=st.integers(0, 99))
    def receive(self, most: int, seed: int) -> None:
        taken = self.broker.receive(most, Random(seed))  # noqa: S311
        if taken:
            self.running.append(Running(lambda: self._invoke(taken)))

    @rule(seconds=st.sampled_from([1.0, SECONDS, 7 * SECONDS]), ended=st.booleans())
    def wait(self, seconds: float, *, ended: bool) -> None:
        """Lambda ends those whose time is over; elsewhere, one that hung may wake again."""
        self.broker.now += seconds
        if ended and seconds >= SECONDS:
            for each in self.running:
                each.kill()
            self.running.clear()

    @precondition(lambda self: len(self.running) < AT_ONCE - 1)
    @rule(calls=st.integers(0, 8), part=st.sampled_from([0.0, 1.0]))
    def hang(self, calls: int, part: float) -> None:
        """One stops in mid-work until another has got its messages, and done them."""
        self.receive(2, 0)
        if self.running:
            self.running[-1].steps([Turn.works] * calls)
        self.broker.now += 7 * SECONDS
        self.live.candidate = part
        self.receive(10, 0)
        if self.running:
            self.running[-1].finish()
        self.forget_what_is_done()

    @rule(part=st.sampled_from([0.0, 0.3, 1.0]))
    def shift(self, part: float) -> None:
        self.live.candidate = part

    @rule()
    def redrive(self) -> None:
        self.broker.redrive()

    @invariant()
    def a_name_has_one_result(self) -> None:
        assert all(len(bodies) == 1 for bodies in self.kept.by_name.values())

    @invariant()
    def a_group_is_told_in_order(self) -> None:
        if not self.fifo:
            return
        for group in GROUPS:
            firsts = list(
                dict.fromkeys(
                    each.id
                    for each in self.kept.results
                    if each.group == group and each.id not in self.broker.laid_aside
                )
            )
            wanted = [name for name, sent in self.sent.items() if sent[0].group == group]
            wanted = [name for name in wanted if name not in self.broker.laid_aside]
            assert firsts == [name for name in wanted if name in firsts]

    def teardown(self) -> None:
        """Nothing goes wrong any more: then all comes to its end."""
        for each in self.running:
            each.finish()
        for _ in range(10 + 10 * sum(map(len, self.sent.values()))):
            self.broker.now += 7 * SECONDS
            self.broker.redrive()
            taken = self.broker.receive(10, Random(0))  # noqa: S311
            if taken:
                self._invoke(taken)
            elif not self.broker.dead:
                break
        assert not self.broker.held
        assert not self.broker.dead
        for messages in self.sent.values():
            self._check_results(messages)

    def _check_results(self, messages: list[Message]) -> None:
        """One for the id, right for one of what was sent by it; others are told as conflicts."""
        told = self.kept.by_name
        contents = {Key.of(each): each.body for each in messages}
        (result,) = told[name_of(messages[0].id)]
        assert any(self._is_right(result, body) for body in contents.values())
        conflicts = [name for name in told if name.startswith(f"conflicts/{messages[0].id}/")]
        assert len(conflicts) >= len(contents) - 1

    def _is_right(self, result: bytes, body: bytes) -> bool:
        if body == BAD:
            return b'"status":400' in result
        number = float(body[2:].partition(b",")[0])
        return f'"prediction":{2 * (number + 3):.1f}'.encode() in result

    def _send(self, message: Message) -> None:
        self.sent.setdefault(message.id, []).append(message)
        self.broker.send(message)

    def _invoke(self, taken: list[Held]) -> None:
        """As Lambda's event source mapping: what is not reported as failed is deleted."""
        end = self.broker.now + SECONDS
        messages = [msgspec.structs.replace(each.message, receives=each.receives) for each in taken]
        outcomes = self.worker.answer_all(messages, lambda: end - self.broker.now)
        with suppress(CloudError):  # Lambda was told, or not: then all of it comes again
            at_point("acknowledge", lambda: self._acknowledge(taken, outcomes))

    def _acknowledge(self, taken: list[Held], outcomes: list[Outcome]) -> None:
        for held, outcome in zip(taken, outcomes, strict=True):
            if isinstance(outcome, Failed):
                self.broker.give_back(held)
                continue
            assert outcome.result.name in self.kept.by_name
            self.broker.delete(held)


class FifoWorld(QueueWorld):
    """The same, where order counts."""

    fifo = True
