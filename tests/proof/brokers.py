"""
A queue as SQS documents one: it delivers at least once, in any order, until a receipt is used.

A FIFO queue keeps the order of each group, and delivers nothing of a group while some of it is in
flight. What was received too often goes to the dead-letter queue, from where it can be sent back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from wherry.queue.messages import Message


@dataclass(eq=False)
class Held:
    message: Message
    visible_at: float = 0.0
    receives: int = 0


@dataclass
class Broker:
    """`now` is whatever clock the test moves."""

    visibility: float
    most_receives: int
    fifo: bool = False
    now: float = 0.0
    held: list[Held] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    laid_aside: set[str] = field(default_factory=set)  # ids of all that ever were

    def send(self, message: Message) -> None:
        self.held.append(Held(message))

    def receive(self, most: int, chance: Random) -> list[Held]:
        """Up to `most` that are visible; those received too often are laid aside."""
        found = self._next() if self.fifo else self._any(chance)
        taken: list[Held] = []
        for each in found:
            if len(taken) == most:
                break
            if each.receives >= self.most_receives:
                self.held.remove(each)
                self.dead.append(each.message)
                self.laid_aside.add(each.message.id)
                continue
            each.receives += 1
            each.visible_at = self.now + self.visibility
            taken.append(each)
        return taken

    def delete(self, held: Held) -> None:
        """Acknowledge; again is no error."""
        if held in self.held:
            self.held.remove(held)

    def give_back(self, held: Held) -> None:
        held.visible_at = self.now

    def redrive(self) -> None:
        """All that was laid aside comes again."""
        for message in self.dead:
            self.send(message)
        self.dead.clear()

    def _any(self, chance: Random) -> Sequence[Held]:
        found = [each for each in self.held if each.visible_at <= self.now]
        chance.shuffle(found)
        return found

    def _next(self) -> Sequence[Held]:
        busy = {each.message.group for each in self.held if each.visible_at > self.now}
        return [each for each in self.held if each.message.group not in busy]
