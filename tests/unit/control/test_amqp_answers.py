"""What becomes of the messages of a batch: told, tried again, laid aside; together or alone."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.queues import message, parts_of
from wherry.queue.memory import Key
from wherry.queue.messages import Failed, Message, Outcome
from wherry.queue.work import Worker as Core
from wherry_control.queueing.amqp_answers import (
    BY_BROKER,
    Again,
    Answers,
    Delivery,
    LayAside,
    Tell,
    Told,
)
from wherry_control.queueing.sqlite_memory import SqliteMemory

MOST = 3
PLACE = "tiny.results"
ROW = json.dumps([[1, 2, 3, 4]])


class Died(BaseException):
    """As SIGKILL is: nobody handles it."""


class Watched:
    """A core that keeps who was computed with whom; `ends` at a message that kills it."""

    def __init__(self, core: Core) -> None:
        self.calls: list[list[str]] = []
        self.deadly: set[str] = set()
        self.failing: set[str] = set()
        self._core = core

    def answer_all(
        self, messages: Sequence[Message], remaining: Callable[[], float]
    ) -> Sequence[Outcome]:
        ids = [each.id for each in messages]
        self.calls.append(ids)
        if self.deadly.intersection(ids) or self.failing.intersection(ids):
            for each in messages:
                self.memory.begin(Key.of(each), remaining())
        if self.deadly.intersection(ids):
            self.memory.free()  # as the next worker does
            raise Died
        if self.failing.intersection(ids):
            for each in messages:
                self.memory.abandon(Key.of(each))
            return [Failed("not today") for _ in messages]
        return self._core.answer_all(messages, remaining)

    memory: SqliteMemory


@pytest.fixture
def memory() -> Iterator[SqliteMemory]:
    kept = SqliteMemory(Path(":memory:"))
    yield kept
    kept.close()


@pytest.fixture
def core(memory: SqliteMemory) -> Watched:
    watched = Watched(Core(parts_of(memory=memory, sinks=()), threads=1))
    watched.memory = memory
    return watched


@pytest.fixture
def answers(core: Watched, memory: SqliteMemory) -> Answers:
    return Answers(core, memory, MOST)


def given(message_id: str, body: str = ROW, **told: Any) -> Delivery:
    return Delivery(message(message_id, body), PLACE, **told)


def batch(answers: Answers, *deliveries: Delivery) -> list[Any]:
    """The verdicts of a batch, each part told before the next, as the worker does."""
    verdicts = []
    for part in answers.parted(deliveries):
        found = answers.of(part)
        answers.done(list(zip(part, found, strict=True)))
        verdicts += found
    return verdicts


def test_a_batch_is_one_call_of_the_core(answers: Answers, core: Watched) -> None:
    verdicts = batch(answers, given("a"), given("b"), given("c", "{"))

    assert core.calls == [["a", "b", "c"]]
    assert [verdict.refused for verdict in verdicts] == [False, False, True]
    assert [verdict.result.id for verdict in verdicts] == ["a", "b", "c"]


def test_what_is_told_is_only_acknowledged_when_it_comes_again(
    answers: Answers, core: Watched
) -> None:
    batch(answers, given("a"))

    assert batch(answers, given("a", again=True)) == [Told()]
    assert batch(answers, given("a")) == [Told()]  # its sender repeats itself
    assert len(core.calls) == 1


def test_what_is_done_but_was_not_told_is_told_with_the_same_bytes(answers: Answers) -> None:
    [first] = answers.of([given("a")])  # and the worker dies before it is told

    [second] = answers.of([given("a", again=True)])

    assert isinstance(first, Tell)
    assert first == second


def test_an_answer_that_is_wanted_elsewhere_is_told_there_too(answers: Answers) -> None:
    [first] = batch(answers, given("a"))
    [second] = batch(answers, replace(given("a"), place="caller"))

    assert first == second


def test_messages_without_a_name_and_of_like_content_each_have_their_answer(
    answers: Answers,
) -> None:
    [first] = batch(answers, given("content-1", named=False))
    [second] = batch(answers, given("content-1", named=False))

    assert first == second
    assert batch(answers, given("content-1", named=False, again=True)) == [Told()]


def test_the_same_id_twice_in_a_batch_is_told_once(answers: Answers, core: Watched) -> None:
    verdicts = batch(answers, given("a"), given("a"), given("b"))

    assert [type(verdict) for verdict in verdicts] == [Tell, Tell, Told]
    assert core.calls == [["a", "b"]]


def test_another_message_by_the_same_id_is_refused_by_a_name_of_its_own(answers: Answers) -> None:
    [first, second] = batch(answers, given("a"), given("a", "[[4, 3, 2, 1]]"))

    assert (first.refused, second.refused) == (False, True)
    assert first.result.name != second.result.name


def test_a_message_that_kills_its_worker_is_laid_aside_and_its_neighbours_are_answered(
    answers: Answers, core: Watched
) -> None:
    core.deadly = {"bomb"}
    deliveries = [given("a"), given("bomb"), given("b")]
    died = 0
    verdicts: list[Any] = []

    while len(verdicts) != len(deliveries):
        try:
            verdicts = batch(answers, *deliveries)
        except Died:
            died += 1

    assert died == MOST
    assert [type(verdict) for verdict in verdicts] == [Told, LayAside, Tell]
    assert verdicts[1].times == MOST
    assert core.calls[0] == ["a", "bomb", "b"]
    assert core.calls[1:3] == [["a"], ["bomb"]]


def test_what_fails_comes_again_until_it_is_laid_aside_with_the_reason(
    answers: Answers, core: Watched
) -> None:
    core.failing = {"a"}

    verdicts = [batch(answers, given("a"))[0] for _ in range(MOST)]

    assert verdicts == [
        Again("not today", 1),
        Again("not today", 2),
        LayAside("not today", 3),
    ]


def test_what_was_laid_aside_and_is_sent_again_is_tried_as_often_again(
    answers: Answers, core: Watched
) -> None:
    core.failing = {"a"}
    for _ in range(MOST):
        batch(answers, given("a"))

    assert batch(answers, given("a")) == [Again("not today", 1)]
    core.failing = set()
    assert isinstance(batch(answers, given("a"))[0], Tell)


@pytest.mark.parametrize("times", [BY_BROKER * MOST - 1, BY_BROKER * MOST])
def test_what_the_broker_gave_out_again_and_again_is_laid_aside(
    answers: Answers, times: int
) -> None:
    """Where each worker that dies takes its memory along, the broker's count is all there is."""
    [verdict] = batch(answers, given("a", given=times))

    assert isinstance(verdict, LayAside) is (times >= BY_BROKER * MOST)


def test_what_has_its_result_is_told_however_often_it_was_given_out(answers: Answers) -> None:
    answers.of([given("a")])

    [verdict] = batch(answers, given("a", given=1000, again=True))

    assert isinstance(verdict, Tell)
