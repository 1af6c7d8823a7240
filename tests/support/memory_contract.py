"""What every `Memory` of messages does, whatever keeps it. Subclasses give the fixture `memory`."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from wherry.errors import CloudError
from wherry.queue.memory import Differs, Done, Key, Memory, New, Running

LONG = 60.0
DEAD = -1.0  # seconds of one who has died, and whose time is out
RESULT = '{"id":"ö","status":200,"result":[1.5,"\\u0000 \\" 漢"]}'.encode()


def a_key(content: str = "one") -> Key:
    return Key(uuid4().hex, content)


class MemoryContract:
    def test_a_message_is_new_once(self, memory: Memory) -> None:
        key = a_key()

        assert memory.begin(key, LONG) == New()
        assert memory.begin(key, LONG) == Running()

    def test_a_result_that_is_kept_is_told_byte_for_byte(self, memory: Memory) -> None:
        key = a_key()
        memory.begin(key, LONG)

        assert memory.finish(key, RESULT) == RESULT
        assert memory.begin(key, LONG) == Done(RESULT)

    @pytest.mark.parametrize("finished", [False, True])
    def test_other_content_by_the_same_id_is_told_apart(
        self, memory: Memory, *, finished: bool
    ) -> None:
        key = a_key()
        memory.begin(key, LONG)
        if finished:
            memory.finish(key, RESULT)

        assert memory.begin(Key(key.id, "other"), LONG) == Differs()

    def test_what_was_abandoned_is_new_again(self, memory: Memory) -> None:
        key = a_key()
        memory.begin(key, LONG)
        memory.abandon(key)

        assert memory.begin(key, LONG) == New()

    def test_what_was_never_begun_can_be_abandoned(self, memory: Memory) -> None:
        memory.abandon(a_key())

    def test_abandoning_leaves_a_result(self, memory: Memory) -> None:
        key = a_key()
        memory.begin(key, LONG)
        memory.finish(key, RESULT)
        memory.abandon(key)

        assert memory.begin(key, LONG) == Done(RESULT)

    @pytest.mark.parametrize("content", ["one", "other"])
    def test_who_died_is_taken_over_from(self, memory: Memory, content: str) -> None:
        key = a_key()
        memory.begin(key, DEAD)

        assert memory.begin(Key(key.id, content), LONG) == New()
        assert memory.begin(Key(key.id, content), LONG) == Running()

    def test_who_has_a_result_is_never_taken_over_from(self, memory: Memory) -> None:
        key = a_key()
        memory.begin(key, DEAD)
        memory.finish(key, RESULT)

        assert memory.begin(key, LONG) == Done(RESULT)

    def test_the_first_result_stands(self, memory: Memory) -> None:
        key = a_key()
        memory.begin(key, DEAD)
        memory.begin(key, LONG)  # by another, who is quicker
        memory.finish(key, RESULT)

        assert memory.finish(key, b'{"of":"the slow one"}') == RESULT
        assert memory.begin(key, LONG) == Done(RESULT)

    def test_finishing_twice_is_finishing_once(self, memory: Memory) -> None:
        key = a_key()
        memory.begin(key, LONG)
        memory.finish(key, RESULT)

        assert memory.finish(key, RESULT) == RESULT

    def test_what_was_abandoned_by_another_can_be_finished(self, memory: Memory) -> None:
        key = a_key()
        memory.begin(key, LONG)
        memory.abandon(key)

        assert memory.finish(key, RESULT) == RESULT
        assert memory.begin(key, LONG) == Done(RESULT)

    @pytest.mark.parametrize("finished", [False, True])
    def test_nobody_finishes_a_message_whose_id_another_has_taken(
        self, memory: Memory, *, finished: bool
    ) -> None:
        slow = a_key()
        other = Key(slow.id, "other")
        memory.begin(slow, DEAD)
        memory.begin(other, LONG)
        if finished:
            memory.finish(other, RESULT)

        with pytest.raises(CloudError):
            memory.finish(slow, b"{}")
        assert memory.begin(slow, LONG) == Differs()

    @pytest.mark.parametrize("message_id", ["a b", "ö/漢#", "../..", "x" * 2000])
    def test_an_id_may_be_any_text(self, memory: Memory, message_id: str) -> None:
        key = Key(f"{message_id}{uuid4().hex}", "one")
        memory.begin(key, LONG)
        memory.finish(key, RESULT)

        assert memory.begin(key, LONG) == Done(RESULT)

    @pytest.mark.parametrize("text", ["x", '"', "漢", "é"])
    def test_a_result_may_be_as_long_as_any(self, memory: Memory, text: str) -> None:
        key, result = a_key(), text.encode() * (201_000 // len(text.encode()))
        memory.begin(key, LONG)
        memory.finish(key, result)

        assert memory.begin(key, LONG) == Done(result)

    def test_of_many_at_once_one_begins(self, memory: Memory) -> None:
        key = a_key()
        with ThreadPoolExecutor(8) as pool:
            told = list(pool.map(lambda _: memory.begin(key, LONG), range(16)))

        assert told.count(New()) == 1
        assert told.count(Running()) == 15
