"""
Workers whose every call to the world is a point where they may be held up, fail or die.

Each runs in a greenlet and is suspended before each such call; whoever steers says how it goes on.
So one schedule of several workers is a list of decisions, which Hypothesis draws, shrinks and
repeats, and no thread or clock has a say in it.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from greenlet import getcurrent, greenlet

from wherry.errors import CloudError


class Turn(StrEnum):
    """How a call goes: as it should; not made, or made and its reply lost; and the same, dead."""

    works = "works"
    throttled = "throttled"
    lost = "lost"
    dies_before = "dies before"
    dies_after = "dies after"


class Died(BaseException):
    """A process that is killed runs no handler of any exception."""


class Steered:
    """
    `real` with points before the calls named.

    Whoever calls it outside a worker, such as a test that looks on, is not held up.
    """

    def __init__(self, real: Any, *calls: str) -> None:
        self._real = real
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name not in self._calls:
            return found

        def call(*words: Any, **named: Any) -> Any:
            return at_point(name, lambda: found(*words, **named))

        return call


def at_point(name: str, make: Callable[[], Any]) -> Any:
    """Make a call as whoever steers wants it to go."""
    steering = getattr(getcurrent(), "steering", None)
    if steering is None:
        return make()
    turn: Turn = steering.switch(name)
    if turn is Turn.dies_before:
        raise Died
    if turn is Turn.throttled:
        raise CloudError(name, "too many requests")
    told = make()
    if turn is Turn.dies_after:
        raise Died
    if turn is Turn.lost:
        raise CloudError(name, "the connection was closed")
    return told


class Running:
    """One piece of work under way; `waits_at` names the call that it is about to make."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._worker = greenlet(work)
        self._worker.steering = getcurrent()
        self.died = False
        self.waits_at: str | None = None
        self._go(self._worker.switch)

    @property
    def done(self) -> bool:
        return self.died or self._worker.dead

    def step(self, turn: Turn) -> None:
        """Let it make its call, and come to the next one."""
        self._worker.steering = getcurrent()
        self._go(lambda: self._worker.switch(turn))

    def steps(self, turns: Iterable[Turn]) -> None:
        """As many as it takes to its end, at most."""
        for turn in turns:
            if not self.done:
                self.step(turn)

    def finish(self) -> None:
        """Let all its calls work."""
        while not self.done:
            self.step(Turn.works)

    def kill(self) -> None:
        """Where it stands."""
        if not self.done:
            self.step(Turn.dies_before)

    def _go(self, on: Callable[[], Any]) -> None:
        try:
            told = on()
        except Died:
            self.died = True
            self.waits_at = None
        else:
            self.waits_at = None if self._worker.dead else told
