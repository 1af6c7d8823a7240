"""A message on its way through a worker, and what the worker works with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wherry.evidence import Evidence
from wherry.pinned import Live, Pinned, Services
from wherry.queue.claims import Claims
from wherry.queue.memory import Begun, Key, Memory, New
from wherry.queue.messages import Message, Outcome
from wherry.queue.results import Results
from wherry.queue.sinks import Sink
from wherry.service import Answer, Asked, Service

HasTime = Callable[[], bool]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a worker is made of. Without `claims` it takes none, and refuses large answers."""

    live: Live
    services: Services
    memory: Memory
    sinks: Sequence[Sink]
    results: Results
    claims: Claims | None = None
    evidence: Evidence | None = None


@dataclass(eq=False)
class Task:
    """
    What is known of one message so far. `retry` says why it is to come again, if it is; `error` is
    what went wrong with it alone. `milliseconds` is how long it and those with it took to answer.
    """

    message: Message
    key: Key
    pinned: Pinned
    begun: Begun | None = None
    service: Service | None = None
    asked: Asked | None = None
    answer: Answer | None = None
    error: Exception | None = None
    retry: str = ""
    milliseconds: float = 0.0
    outcome: Outcome | None = None

    @property
    def is_ours(self) -> bool:
        """Whether it was begun here and now."""
        return isinstance(self.begun, New)

    @property
    def is_open(self) -> bool:
        """Whether it is to be read and computed."""
        return self.is_ours and self.error is None and not self.retry
