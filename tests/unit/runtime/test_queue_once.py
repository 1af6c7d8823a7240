"""Each message has one result for good: repeats, failures, groups, and the end of time."""

from collections.abc import Sequence
from typing import Any

import pytest
from numpy.typing import NDArray

from tests.support.memory_contract import MemoryContract
from tests.support.queue_models import a_minute, answers, counted, negating, tensor, told
from tests.support.queues import FakeMemory, KeptResults, message, parts_of
from wherry.errors import CloudError
from wherry.pinned import Share
from wherry.queue.memory import Key
from wherry.queue.messages import Answered, Failed, Refused, Result
from wherry.queue.work import Worker


class TestFakeMemory(MemoryContract):
    @pytest.fixture
    def memory(self) -> FakeMemory:
        return FakeMemory()


def test_a_message_that_comes_again_gets_the_same_bytes_again_and_no_run() -> None:
    service, runs = counted()
    sink = KeptResults()
    parts = parts_of(service=service, sinks=(sink,))
    (first,) = answers(parts, message("m", tensor(1)))

    (again,) = answers(parts, message("m", tensor(1)))

    assert again == first
    assert runs == [1]
    assert len(sink.results) == 2
    assert len(sink.by_name["m"]) == 1


def test_a_refusal_that_comes_again_is_the_same_refusal() -> None:
    parts = parts_of(negating())
    (first,) = answers(parts, message("m", "{"))

    (again,) = answers(parts, message("m", "{"))

    assert isinstance(again, Refused)
    assert again == first


def test_other_content_by_the_same_id_is_refused_beside_the_first_result() -> None:
    sink = KeptResults()
    parts = parts_of(negating(), sinks=(sink,))

    answers(parts, message("m", tensor(1)))
    (other,) = answers(parts, message("m", tensor(2)))

    assert isinstance(other, Refused)
    assert told(other)["status"] == 409
    assert other.result.name.startswith("conflicts/m/")
    assert len(sink.by_name["m"]) == 1


@pytest.mark.parametrize(
    "attributes",
    [{"content_type": "text/csv"}, {"inference_header_content_length": "3"}],
)
def test_the_same_body_that_is_to_be_read_otherwise_is_other_content(
    attributes: dict[str, str],
) -> None:
    parts = parts_of(negating())

    (first,) = answers(parts, message("m", tensor(1)))
    (other,) = answers(parts, message("m", tensor(1), **attributes))

    assert isinstance(first, Answered)
    assert told(other)["status"] == 409


def test_what_another_worker_has_begun_is_to_come_again() -> None:
    memory = FakeMemory()
    begun = message("m", tensor(1))
    memory.begin(Key.of(begun), 60)

    running, other = answers(
        parts_of(negating(), memory=memory), begun, message("other", tensor(1))
    )

    assert running == Failed("another worker has begun it")
    assert isinstance(other, Answered)


def test_who_was_overtaken_tells_the_first_result() -> None:
    memory, sink = FakeMemory(), KeptResults()
    mine = message("m", tensor(1))

    class Overtaken(FakeMemory):
        def finish(self, key: Key, result: bytes) -> bytes:
            memory.finish(key, b'{"status": 200, "first": true}')
            return memory.finish(key, result)

    (outcome,) = answers(parts_of(negating(), memory=Overtaken(), sinks=(sink,)), mine)

    assert told(outcome)["first"] is True
    assert [result.body for result in sink.results] == [b'{"status": 200, "first": true}']


class Broken:
    """A sink that fails for some."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def put(self, result: Result) -> None:
        if result.name in self._names:
            raise CloudError("the sink", "it is full")


def test_a_result_that_cannot_be_put_comes_again_and_is_the_same() -> None:
    memory = FakeMemory()
    service, runs = counted()
    messages = [message("a", tensor(1)), message("b", tensor(2))]
    broken = parts_of(service=service, memory=memory, sinks=(Broken("a"),))

    failed, done = answers(broken, *messages)
    sink = KeptResults()
    answers(parts_of(service=service, memory=memory, sinks=(sink,)), *messages)

    assert isinstance(failed, Failed)
    assert isinstance(done, Answered)
    assert runs == [2]
    assert set(sink.by_name) == {"a", "b"}


def test_after_a_failure_in_a_group_nothing_of_it_is_done_and_other_groups_are() -> None:
    service, _ = counted(lambda values: bool((values < 0).any()))
    sink, memory = KeptResults(), FakeMemory()
    parts = parts_of(service=service, sinks=(sink,), memory=memory)
    messages = [
        message("a1", tensor(1), "a"), message("b1", tensor(1), "b"),
        message("a2", tensor(-1), "a"), message("b2", tensor(2), "b"),
        message("a3", tensor(3), "a"), message("c", tensor(4)),
    ]  # fmt: skip

    outcomes = answers(parts, *messages, threads=4)

    kinds = [type(outcome) for outcome in outcomes]
    assert kinds == [Answered, Answered, Failed, Answered, Failed, Answered]
    assert [result.id for result in sink.results if result.group == "b"] == ["b1", "b2"]
    assert {result.id for result in sink.results} == {"a1", "b1", "b2", "c"}
    assert "a3" not in memory.kept
    assert "a2" not in memory.kept


@pytest.mark.parametrize("where", ["begun elsewhere", "memory fails"])
def test_a_group_stops_at_one_that_cannot_be_begun(where: str) -> None:
    class Memory(FakeMemory):
        def begin(self, key: Key, seconds: float) -> Any:
            if key.id == "a1" and where == "memory fails":
                raise CloudError("the table", "throttled")
            return super().begin(key, seconds)

    memory = Memory()
    messages = [message("a1", tensor(1), "a"), message("a2", tensor(2), "a")]
    if where == "begun elsewhere":
        memory.begin(Key.of(messages[0]), 60)

    outcomes = answers(parts_of(negating(), memory=memory), *messages)

    assert [type(outcome) for outcome in outcomes] == [Failed, Failed]
    assert "a2" not in memory.begun


def test_a_group_stays_stopped_in_the_next_part_of_a_batch() -> None:
    service, _ = counted(lambda values: bool((values < 0).any()))
    memory = FakeMemory()
    worker = Worker(parts_of(service=service, memory=memory), threads=1, most_bytes=1)
    values = {"a1": -1, "b1": 1, "a2": 2, "b2": 2}

    outcomes = worker.answer_all(
        [message(name, tensor(value), name[0]) for name, value in values.items()], a_minute
    )

    assert [type(each) for each in outcomes] == [Failed, Answered, Failed, Answered]
    assert "a2" not in memory.begun


def test_with_no_time_left_nothing_is_begun() -> None:
    memory = FakeMemory()
    worker = Worker(parts_of(negating(), memory=memory), threads=1)

    outcomes = worker.answer_all([message("m", tensor(1))], lambda: 0.9)

    assert outcomes == [Failed("no time was left for it")]
    assert not memory.begun


def test_if_to_begin_took_all_the_time_nothing_is_computed() -> None:
    left = [10.0]

    class Slow(FakeMemory):
        def begin(self, key: Key, seconds: float) -> Any:
            left[0] -= 6
            return super().begin(key, seconds)

    service, runs = counted()
    memory = Slow()
    worker = Worker(parts_of(service=service, memory=memory), threads=1)

    outcomes = worker.answer_all(
        [message("a", tensor(1)), message("b", tensor(2))], lambda: left[0]
    )

    assert [type(outcome) for outcome in outcomes] == [Failed, Failed]
    assert not runs
    assert not memory.kept


def test_a_batch_that_is_too_slow_ends_cleanly() -> None:
    left = [9.0]

    def slow(values: NDArray[Any]) -> bool:
        left[0] -= 4
        return len(values) > 1

    service, _ = counted(slow)
    memory = FakeMemory()
    worker = Worker(parts_of(service=service, memory=memory), threads=1)

    outcomes = worker.answer_all(
        [message("a", tensor(1)), message("b", tensor(2))], lambda: left[0]
    )

    assert [type(outcome) for outcome in outcomes] == [Answered, Failed]
    assert set(memory.kept) == {"a"}


def test_if_nobody_knows_what_is_live_all_come_again() -> None:
    class Nobody:
        def shares(self) -> Sequence[Share]:
            raise CloudError("the alias", "no answer")

    memory = FakeMemory()
    outcomes = answers(parts_of(negating(), live=Nobody(), memory=memory), message("a", tensor(1)))

    assert [type(outcome) for outcome in outcomes] == [Failed]
    assert not memory.kept
