"""
What becomes of the messages of a batch: decided and computed here, done by whoever has the broker.

Messages that were begun before and never finished are computed alone, so that one that kills its
worker is counted down alone, and its neighbours are answered. After as many times as allowed it is
laid aside, before it is begun once more. Only what was begun counts: a message that was merely near
when a worker died is as good as new.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from wherry.queue.memory import Key, Memory
from wherry.queue.messages import Failed, Message, Outcome, Refused, Result
from wherry_control.queueing.sqlite_memory import Seen

DAY = 86_400.0  # seconds that a batch may take: nobody ends this worker but whoever started it
BY_BROKER = 5  # times as often as is allowed, given out by the broker and never answered: no more


@dataclass(frozen=True)
class Delivery:
    """
    A message as a broker gave it: where its result is wanted, whether its sender gave it a name,
    whether it was given out before, and how often, where the broker counts that. `source` is the
    broker's own, for whoever acknowledges.
    """

    message: Message
    place: str
    named: bool = True
    again: bool = False
    given: int = 0
    source: Any = None

    @property
    def key(self) -> Key:
        return Key.of(self.message)


@dataclass(frozen=True)
class Tell:
    """Publish the result, then acknowledge."""

    result: Result
    refused: bool


@dataclass(frozen=True)
class Told:
    """Acknowledge: its result is where it is wanted."""


@dataclass(frozen=True)
class Again:
    """Try it once more, later; it failed so many `times`."""

    reason: str
    times: int


@dataclass(frozen=True)
class LayAside:
    """Send it to the dead letters."""

    reason: str
    times: int


Verdict = Tell | Told | Again | LayAside


class Core(Protocol):
    """wherry.queue.work.Worker's, without sinks: it tells nobody."""

    def answer_all(
        self, messages: Sequence[Message], remaining: Callable[[], float]
    ) -> Sequence[Outcome]: ...


class Notes(Memory, Protocol):
    """A memory that knows more than every memory does."""

    def seen(self, key: Key) -> Seen: ...

    def tell(self, told: Sequence[tuple[Key, str]]) -> None: ...

    def drop(self, keys: Sequence[Key]) -> None: ...


class Answers:
    """One thread's."""

    def __init__(self, core: Core, notes: Notes, max_receives: int) -> None:
        self._core = core
        self._notes = notes
        self._most = max_receives

    def parted(self, batch: Sequence[Delivery]) -> list[list[Delivery]]:
        """Those that may be computed together, then each that is to be alone."""
        together: dict[str, Delivery] = {}
        alone = []
        for delivery in batch:
            key = delivery.key
            if key.id in together or self._notes.seen(key).failed:
                alone.append([delivery])
            else:
                together[key.id] = delivery
        return [list(together.values()), *alone] if together else alone

    def of(self, part: Sequence[Delivery]) -> list[Verdict]:
        """What to do with each of a part."""
        known = [self._known(delivery) for delivery in part]
        unknown = [each for each, verdict in zip(part, known, strict=True) if verdict is None]
        found = self._computed(unknown)
        return [verdict or next(found) for verdict in known]

    def done(self, judged: Sequence[tuple[Delivery, Verdict]]) -> None:
        """What was to be told is told; what is laid aside may be sent again, and tried as often."""
        told = [(each.key, each.place) for each, verdict in judged if isinstance(verdict, Tell)]
        self._notes.tell(told)
        self._notes.drop([each.key for each, verdict in judged if isinstance(verdict, LayAside)])

    def _known(self, delivery: Delivery) -> Verdict | None:
        """What need not be computed."""
        seen = self._notes.seen(delivery.key)
        if seen.done:
            repeat = delivery.named or delivery.again  # else it is another one, of like content
            return Told() if repeat and seen.told == delivery.place else None
        if seen.failed >= self._most:
            return LayAside("whoever began it did not live to finish it", seen.failed)
        if delivery.given >= self._most * BY_BROKER:
            return LayAside("the broker gave it out again and again", delivery.given)
        return None

    def _computed(self, part: Sequence[Delivery]) -> Iterator[Verdict]:
        if not part:
            return
        outcomes = self._core.answer_all([delivery.message for delivery in part], lambda: DAY)
        for delivery, outcome in zip(part, outcomes, strict=True):
            if not isinstance(outcome, Failed):
                yield Tell(outcome.result, isinstance(outcome, Refused))
                continue
            times = self._notes.seen(delivery.key).failed
            yield (LayAside if times >= self._most else Again)(outcome.reason, times)
