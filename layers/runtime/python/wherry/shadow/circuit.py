"""A circuit that opens when what it guards is absent or keeps failing, and closes by the clock."""

from collections.abc import Callable
from time import monotonic

FAILURES = 3  # in a row
QUIET = 60.0  # seconds


class Circuit:
    """While it is open, nobody tries; `now` counts seconds. For one thread that tells of calls."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._failures = 0
        self._until = 0.0

    @property
    def is_open(self) -> bool:
        return self._now() < self._until

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self, *, at_once: bool = False) -> None:
        """What is absent, or hangs, opens it `at_once`: it will a moment later too."""
        self._failures += 1
        if at_once or self._failures >= FAILURES:
            self._failures = 0
            self._until = self._now() + QUIET
