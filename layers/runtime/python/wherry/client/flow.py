"""
What a client wants done, apart from doing it: a flow yields one effect after another, is told what
came of each, and returns its result.

So everything but sending and waiting is written, and tested, once; a synchronous and an
asynchronous client differ in how they carry effects out. No socket and no clock is in here.
"""

from collections.abc import Generator, Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")
Flow = Generator["Effect", Any, T]


class Ask(NamedTuple):
    """
    A request. `path` is below the server's address; with `elsewhere` it is a whole address of
    another server, which is shown no key and no signature.
    """

    method: str
    path: str
    headers: Mapping[str, str] = {}
    body: bytes = b""
    elsewhere: bool = False


class Send(NamedTuple):
    """Send `ask`, and wait at most so many seconds; an Answer or a NoAnswer comes of it."""

    ask: Ask
    seconds: float


class Answer(NamedTuple):
    """What came, whatever its status; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NoAnswer(NamedTuple):
    """Nothing whole came; `again`: another try may help. `late`: it took too long."""

    reason: str
    again: bool = True
    late: bool = False


class Pause(NamedTuple):
    """Let so many seconds pass."""

    seconds: float


class Together(NamedTuple):
    """
    Carry several flows out, at most `most` at a time; their results come, in their order.

    Once one has raised, no other is begun, and what the first of them raised is raised.
    """

    flows: Iterable[Flow[Any]]
    most: int


Effect = Send | Pause | Together


class Finished(NamedTuple, Generic[T]):
    """What a flow returned."""

    result: T


def step(flow: Flow[T], told: Any = None) -> Effect | Finished[T]:
    """
    Tell a flow what came of its last effect, an exception if it raised; what it wants next.

    None begins it.
    """
    try:
        return flow.throw(told) if isinstance(told, Exception) else flow.send(told)
    except StopIteration as stopped:
        return Finished(stopped.value)
