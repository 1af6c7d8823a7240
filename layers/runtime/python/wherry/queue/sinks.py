"""
Where results go: all of them to each place, as often as their messages come.

A result's bytes are the same each time, and its name is, so a reader of a queue can tell a repeat,
and a store holds it once.
"""

from typing import Protocol

from wherry.queue.messages import Result
from wherry.store.objects import Objects


class Sink(Protocol):
    """Called from several threads at once."""

    def put(self, result: Result) -> None:
        """Return when it is there for good; raise CloudError if that is not sure."""


class ObjectSink:
    """One object a result, below a prefix or in a directory; what is there is left as it is."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def put(self, result: Result) -> None:
        """See Sink."""
        self._objects.create(f"{result.name}.json", result.body)
