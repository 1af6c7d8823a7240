"""
Whether batching pays, by trying: what a request costs with it, and what without.

The cost is the event loop's own CPU time, so that idle time, and a busy neighbour, count for
nothing. The cheaper way is kept for a while, the other is tried now and then for a few requests,
and takes over only if it is cheaper by more than chance. How long "a while" is follows from what
the trial costs, so that trials together cost little, and touch fewer than one request in a hundred
where they are slow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import thread_time

FIRST = 256  # requests before the first trial: the first ones are slow for their own reasons


@dataclass(frozen=True)
class Trial:
    """Of how many requests, and how many times its own cost must pass before the next."""

    requests: int
    pause: int


WITH = Trial(requests=64, pause=20)
WITHOUT = Trial(requests=16, pause=100)
BETTER = 0.95


class Switch:
    """Asked before each request, and told of each that is answered; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = thread_time) -> None:
        self.batching = False
        self._clock = clock
        self._trying = False
        self._settled_cost = 0.0
        self._begin(FIRST)

    def answered(self, waiting: int) -> None:
        """One more; `waiting` are those that are still suspended."""
        if self._draining and waiting:
            return  # what was begun the other way is not this way's cost
        if self._draining:
            self._begin(self._left)
            return
        self._done += 1
        if self._done >= self._left:
            self._turn((self._clock() - self._began) / self._done)

    def _turn(self, cost: float) -> None:
        if not self._trying:
            self._settled_cost = cost
            self._go(not self.batching, self._trial.requests, trying=True)
            return
        trial = WITH if self.batching else WITHOUT
        better = cost < self._settled_cost * BETTER
        longer = max(cost, self._settled_cost) / max(min(cost, self._settled_cost), 1e-9)
        pause = int(trial.requests * trial.pause * (1.0 if better else min(longer, 10.0)))
        self._go(self.batching if better else not self.batching, pause, trying=False)

    @property
    def _trial(self) -> Trial:
        """Of the way that is not gone now."""
        return WITHOUT if self.batching else WITH

    def _go(self, batching: bool, requests: int, *, trying: bool) -> None:  # noqa: FBT001 - the state
        changed = batching is not self.batching
        self.batching, self._trying = batching, trying
        self._begin(requests)
        self._draining = changed

    def _begin(self, requests: int) -> None:
        self._left, self._done, self._draining = requests, 0, False
        self._began = self._clock()
