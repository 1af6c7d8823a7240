"""
Where results go: all of them to each place, as often as their messages come.

A result's bytes are the same each time, and its name is, so a reader of a queue can tell a repeat,
and a store holds it once.
"""

from hashlib import sha256
from typing import Protocol

from wherry.queue.messages import Result
from wherry.store.objects import Objects

MOST_BYTES = 1 << 20  # of a result: what a queue takes


class Sink(Protocol):
    """Called from several threads at once."""

    def put(self, result: Result) -> None:
        """Return when it is there for good; raise CloudError if that is not sure."""


class ObjectSink:
    """
    One object a result, below a prefix or in a directory; what is there is left as it is.

    A memory that was lost, or is over, cannot tell that an id was another message's. Then what is
    there differs, and the result goes beside it, by its content: none is acknowledged unwritten.
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def put(self, result: Result) -> None:
        """See Sink."""
        key = f"{result.name}.json"
        if self._objects.create(key, result.body):
            return
        if self._objects.read(key, MOST_BYTES) != result.body:
            beside = f"conflicts/{result.name}/{sha256(result.body).hexdigest()}.json"
            self._objects.create(beside, result.body)
