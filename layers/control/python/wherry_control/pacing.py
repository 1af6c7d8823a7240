"""How fast requests follow each other, where somebody wants traffic and not a burst."""

from collections.abc import Callable
from time import monotonic, sleep


def at_rate(
    rate: float, clock: Callable[[], float] = monotonic, wait: Callable[[float], None] = sleep
) -> Callable[[], None]:
    """A pace of `rate` calls a second, from the first call on; late calls are not made up for."""
    due = clock()

    def pace() -> None:
        nonlocal due
        wait(max(0.0, due - clock()))
        due = max(due, clock()) + 1 / rate

    return pace
