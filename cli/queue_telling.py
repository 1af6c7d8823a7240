"""How far a worker of a queue is, told as it goes: a line now and then, and how fast it is."""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from cli import queue_views as views

if TYPE_CHECKING:
    from wherry_control.queueing.amqp_worker import Counts

SPAN = 10.0  # seconds that say how fast it is now
ENDS = 2  # marks that a pace is between

Mark = tuple[float, int]  # when, and how many messages were answered by then


class Telling:
    """
    Tells every so many `seconds` how far it is, and how fast: by what the last `SPAN` seconds
    brought. Nothing is told while nothing comes.
    """

    def __init__(
        self, seconds: float, say: Callable[[str], None], now: Callable[[], float]
    ) -> None:
        self._seconds = seconds
        self._say = say
        self._now = now
        self._due = now() + seconds
        self._marks: deque[Mark] = deque()
        self._first: Mark | None = None

    def __call__(self, counts: "Counts") -> None:
        mark = (self._now(), counts.messages)
        self._first = self._first or mark
        self._marks.append(mark)
        while len(self._marks) > ENDS and self._marks[1][0] <= mark[0] - SPAN:
            self._marks.popleft()
        if mark[0] >= self._due:
            self._say(views.working(counts, _pace(self._marks[0], mark)))
            self._due = mark[0] + self._seconds

    @property
    def pace(self) -> float:
        """Messages a second from the first that were answered to the last; 0 if it is not known."""
        return _pace(self._first, self._marks[-1]) if self._first else 0


def _pace(since: Mark, until: Mark) -> float:
    seconds = until[0] - since[0]
    return (until[1] - since[1]) / seconds if seconds > 0 else 0
