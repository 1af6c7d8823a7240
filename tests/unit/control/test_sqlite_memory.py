"""The memory in a file: what every memory does, and what only this one does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.memory_contract import LONG, RESULT, MemoryContract
from wherry.errors import ConflictError, ToolError
from wherry.queue.memory import Done, Key, New, Running
from wherry_control.queueing.sqlite_memory import Seen, SqliteMemory, own_memory

KEY = Key("m", "one")
OTHER = Key("m", "other")
HOUR = 3600.0


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[SqliteMemory]:
    kept = SqliteMemory(tmp_path / "queue.sqlite")
    yield kept
    kept.close()


class TestSqliteMemory(MemoryContract):
    @pytest.fixture
    def memory(self, tmp_path: Path) -> Iterator[SqliteMemory]:
        kept = SqliteMemory(tmp_path / "queue.sqlite")
        yield kept
        kept.close()


def test_what_was_never_begun_was_never_seen(memory: SqliteMemory) -> None:
    assert memory.seen(KEY) == Seen()


def test_each_beginning_in_vain_counts_until_there_is_a_result(memory: SqliteMemory) -> None:
    counted = []
    for _ in range(3):
        memory.begin(KEY, LONG)
        memory.abandon(KEY)
        counted.append(memory.seen(KEY).failed)
    memory.begin(KEY, LONG)
    memory.finish(KEY, RESULT)

    assert counted == [1, 2, 3]
    assert memory.seen(KEY) == Seen(done=True)


def test_what_is_refused_to_begin_does_not_count(memory: SqliteMemory) -> None:
    memory.begin(KEY, LONG)
    memory.begin(KEY, LONG)

    assert memory.seen(KEY).failed == 1


def test_other_content_by_the_same_id_begins_its_own_count(memory: SqliteMemory) -> None:
    for _ in range(2):
        memory.begin(KEY, LONG)
        memory.abandon(KEY)

    memory.begin(OTHER, LONG)

    assert memory.seen(OTHER).failed == 1
    assert memory.seen(KEY) == Seen()


def test_where_a_result_was_told_is_known_of_that_message_alone(memory: SqliteMemory) -> None:
    memory.begin(KEY, LONG)
    memory.finish(KEY, RESULT)
    memory.tell([(KEY, "iris.results"), (Key("absent", "one"), "elsewhere")])

    assert memory.seen(KEY) == Seen(done=True, told="iris.results")
    assert memory.seen(OTHER) == Seen()
    assert memory.seen(Key("absent", "one")) == Seen()


def test_what_is_dropped_was_never_begun_but_a_result_stays(memory: SqliteMemory) -> None:
    done = Key("done", "one")
    memory.begin(KEY, LONG)
    memory.finish(done, RESULT)

    memory.drop([KEY, done])

    assert memory.seen(KEY) == Seen()
    assert memory.seen(done).done


def test_what_a_worker_left_begun_is_free_for_the_next_one_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "queue.sqlite"
    with own_memory(file) as memory:
        memory.begin(KEY, LONG)
        assert memory.begin(KEY, LONG) == Running()
    with own_memory(file) as memory:
        assert memory.seen(KEY).failed == 1
        assert memory.begin(KEY, LONG) == New()
        assert memory.seen(KEY).failed == 2


def test_results_outlive_the_process(tmp_path: Path) -> None:
    with own_memory(tmp_path / "queue.sqlite") as memory:
        memory.finish(KEY, RESULT)
    with own_memory(tmp_path / "queue.sqlite") as memory:
        assert memory.begin(KEY, LONG) == Done(RESULT)


def test_a_second_worker_is_refused_the_file(tmp_path: Path) -> None:
    file = tmp_path / "new" / "queue.sqlite"
    with own_memory(file), pytest.raises(ConflictError, match="--state") as refused:
        own_memory(file).__enter__()

    assert str(refused.value).startswith(str(file))


def test_only_what_is_old_is_forgotten(tmp_path: Path) -> None:
    clock = Clock()
    memory = SqliteMemory(tmp_path / "queue.sqlite", clock)
    memory.finish(KEY, RESULT)
    clock.now += 2 * HOUR
    memory.finish(Key("young", "one"), RESULT)

    memory.forget(HOUR)

    assert memory.seen(KEY) == Seen()
    assert memory.seen(Key("young", "one")).done
    memory.close()


def test_an_id_may_hold_what_no_text_may(memory: SqliteMemory) -> None:
    memory.finish(Key("\ud800", "one"), RESULT)

    assert memory.begin(Key("\ud800", "one"), LONG) == Done(RESULT)


def test_a_file_that_is_no_memory_is_told(tmp_path: Path) -> None:
    file = tmp_path / "queue.sqlite"
    file.write_text("no database, but long enough to be looked at as one would be" * 20)

    with pytest.raises(ToolError, match=r"queue\.sqlite.*--state"):
        SqliteMemory(file)
