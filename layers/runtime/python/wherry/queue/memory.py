"""
What is remembered of messages, so that one that comes twice is answered once.

The broker delivers at least once, and a worker may die between any two calls. So a message is begun
before it is computed, and its result is kept before it is told: whoever gets the message again
tells the same bytes again. One who is slow and is overtaken keeps nothing: the first result stands.
"""

from hashlib import sha256
from typing import NamedTuple, Protocol

import msgspec

from wherry.queue.messages import CONTENT_TYPE, HEADER_LENGTH, Message

KEPT_DAYS = 30  # longer than a queue and its dead-letter queue keep a message, 14 days each


class Key(NamedTuple):
    """A message by its id; `content` is a hash of all that says what is asked."""

    id: str
    content: str

    @classmethod
    def of(cls, message: Message) -> "Key":
        told = sha256(message.body)
        for name in (CONTENT_TYPE, HEADER_LENGTH):
            told.update(f"\0{message.attributes.get(name, '')}".encode(errors="surrogatepass"))
        return cls(message.id, told.hexdigest())


class New(msgspec.Struct, frozen=True):
    """It is begun now, by whoever asked, who is to finish or abandon it."""


class Running(msgspec.Struct, frozen=True):
    """Another worker has begun it, and has time left."""


class Done(msgspec.Struct, frozen=True):
    """It has its result."""

    result: bytes


class Differs(msgspec.Struct, frozen=True):
    """The id has been another message's: this one is not what was sent before."""


Begun = New | Running | Done | Differs


class Memory(Protocol):
    """Each method may raise CloudError: then it is not known whether it was done."""

    def begin(self, key: Key, seconds: float) -> Begun:
        """Who has not finished it after so many `seconds` is taken to have died."""

    def finish(self, key: Key, result: bytes) -> bytes:
        """Keep the result, and return the one that stands: the first that was kept."""

    def abandon(self, key: Key) -> None:
        """Forget that it was begun, for it was not done; a result that is kept stays."""
