"""
What a worker on one machine remembers of its messages: a SQLite file beside the checkout's store.

Beside what every memory keeps, it counts how often a message was begun and never finished, which is
how a message that kills its worker is found where the broker does not count, and it knows which
results are told, so that they are not told again. One worker has one file: a second one is refused,
so that whatever is found begun at the start was begun by one who died.
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from time import time
from typing import Any, NamedTuple

from wherry.errors import ConflictError, ToolError
from wherry.queue.memory import Begun, Differs, Done, Key, New, Running

_TABLE = """
CREATE TABLE IF NOT EXISTS messages (
    id BLOB PRIMARY KEY,        -- a sender's text need not be one that SQLite takes
    content TEXT NOT NULL,
    times INTEGER NOT NULL,     -- begun, with this content
    until REAL NOT NULL,        -- running, if later than now
    result BLOB,
    told TEXT NOT NULL,         -- where the result is, once that is sure
    changed REAL NOT NULL
) WITHOUT ROWID
"""
_START = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",  # a power cut forgets the last few
    _TABLE,
    "CREATE INDEX IF NOT EXISTS by_change ON messages (changed)",
)


class Seen(NamedTuple):
    """Whether a message has its result, how often it was begun in vain, where its result went."""

    done: bool = False
    failed: int = 0
    told: str = ""


class SqliteMemory:
    """See wherry.queue.memory.Memory; `clock` gives seconds since the epoch."""

    def __init__(self, path: Path, clock: Callable[[], float] = time) -> None:
        self._path = path
        self._clock = clock
        self._turn = Lock()
        with self._faults():
            self._rows = _opened(path)

    def begin(self, key: Key, seconds: float) -> Begun:
        """See Memory."""
        now = self._clock()
        with self._change():
            found = self._row("SELECT content, times, until, result", key)
            if found is None:
                self._set(key, (1, now + seconds), now)
                return New()
            content, times, until, result = found
            if content != key.content and (result is not None or until > now):
                return Differs()
            if result is not None:
                return Done(result)
            if until > now:
                return Running()
            self._set(key, (times + 1 if content == key.content else 1, now + seconds), now)
            return New()

    def finish(self, key: Key, result: bytes) -> bytes:
        """See Memory."""
        now = self._clock()
        with self._change():
            content, first = self._row("SELECT content, result", key) or (key.content, None)
            if content != key.content:
                raise ConflictError(key.id, "another message has this id now")
            if first is not None:
                kept: bytes = first
                return kept
            self._rows.execute(
                "INSERT OR IGNORE INTO messages VALUES (?, ?, 1, 0, NULL, '', ?)",
                (_named(key), key.content, now),
            )
            self._rows.execute(
                "UPDATE messages SET result = ?, until = 0, changed = ? WHERE id = ?",
                (result, now, _named(key)),
            )
            return result

    def abandon(self, key: Key) -> None:
        """See Memory. That it was begun still counts."""
        with self._change():
            self._rows.execute(
                "UPDATE messages SET until = 0 WHERE id = ? AND result IS NULL", (_named(key),)
            )

    def seen(self, key: Key) -> Seen:
        """What is known of it, without beginning it."""
        with self._turn, self._faults():
            found = self._row("SELECT content, times, result IS NOT NULL, told", key)
        if found is None or found[0] != key.content:
            return Seen()
        _, times, done, told = found
        return Seen(done=bool(done), failed=0 if done else times, told=told)

    def tell(self, told: Sequence[tuple[Key, str]]) -> None:
        """Keep where the results of these are now."""
        with self._change():
            self._rows.executemany(
                "UPDATE messages SET told = ? WHERE id = ? AND content = ?",
                [(where, _named(key), key.content) for key, where in told],
            )

    def drop(self, keys: Sequence[Key]) -> None:
        """Forget that these were ever begun; a result that is kept stays."""
        with self._change():
            self._rows.executemany(
                "DELETE FROM messages WHERE id = ? AND content = ? AND result IS NULL",
                [(_named(key), key.content) for key in keys],
            )

    def forget(self, seconds: float) -> None:
        """All that did not change for so long."""
        with self._change():
            self._rows.execute("DELETE FROM messages WHERE changed < ?", (self._clock() - seconds,))

    def free(self) -> None:
        """Take what runs for abandoned: whoever began it has died."""
        with self._change():
            self._rows.execute("UPDATE messages SET until = 0 WHERE until > 0")

    def close(self) -> None:
        with self._turn:
            self._rows.close()

    def _row(self, select: str, key: Key) -> Any:
        return self._rows.execute(f"{select} FROM messages WHERE id = ?", (_named(key),)).fetchone()

    def _set(self, key: Key, state: tuple[int, float], now: float) -> None:
        self._rows.execute(
            "INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, NULL, '', ?)",
            (_named(key), key.content, *state, now),
        )

    @contextmanager
    def _change(self) -> Iterator[None]:
        """One thread's turn, one transaction."""
        with self._turn, self._faults():
            self._rows.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._rows.execute("ROLLBACK")
                raise
            self._rows.execute("COMMIT")

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            todo = "See that it can be written, or give another --state."
            raise ToolError(
                str(self._path), f"what was done cannot be kept ({error})", todo
            ) from error


def _opened(path: Path) -> sqlite3.Connection:
    rows = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        for each in _START:
            rows.execute(each)
    except sqlite3.Error:
        rows.close()
        raise
    return rows


def _named(key: Key) -> bytes:
    return key.id.encode(errors="surrogatepass")


@contextmanager
def own_memory(path: Path, clock: Callable[[], float] = time) -> Iterator[SqliteMemory]:
    """The memory in `path`, for this process alone; ConflictError if another one has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{path}.lock").open("a+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            held.seek(0)
            other = held.read().strip() or "unknown"
            raise ConflictError(
                str(path),
                f"another worker keeps its messages there (process {other})",
                "Give this one a --state of its own.",
            ) from error
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        memory = SqliteMemory(path, clock)
        try:
            memory.free()
            yield memory
        finally:
            memory.close()
