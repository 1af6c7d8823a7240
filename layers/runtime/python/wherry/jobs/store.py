"""
What jobs need of where they run: their records, their objects, and a queue that wakes a worker.

AWS has one of each (wherry.aws.jobs), a directory and a thread another (wherry.jobs.local). A
record moves only from what its mover has read, so that of two at once one is told that it lost.
"""

from collections.abc import Iterable, Mapping
from os import urandom
from typing import Any, Literal, NamedTuple, Protocol

import msgspec

from wherry.jobs.contract import Job


class Link(NamedTuple):
    """
    To the object `key` of the job whose path is `url`; it has, or will have, so many `bytes`.

    `host` is where the caller says that it found this server.
    """

    method: Literal["GET", "PUT"]
    url: str
    key: str
    bytes: int
    host: str


class Records(Protocol):
    """The jobs themselves."""

    def create(self, job: Job, now: float) -> Job:
        """Keep it, in place of an expired one; return it, or the one that has its id already."""

    def get(self, job_id: str) -> Job | None:
        """Return the record as it is kept, expired or not, as the last move left it."""

    def move(self, old: Job, new: Job) -> bool:
        """Put `new` in place of `old`; False, and nothing is changed, if `old` is not there."""


class Objects(Protocol):
    """Inputs and results, by the keys that a job names."""

    def put(self, key: str, data: bytes, headers: Mapping[str, str]) -> None:
        """Write it whole; whoever reads it by a link is told `headers`."""

    def read(self, key: str, size: int) -> bytes | None:
        """Return it, or None if it is not there or has another size; unread then."""

    def size(self, key: str) -> int | None:
        """Return how many bytes it has; None if it is not there."""

    def delete(self, keys: Iterable[str]) -> None:
        """Erase them; those that are not there are no mistake."""

    def link(self, wanted: Link) -> str:
        """Return a URL that lets its bearer GET or PUT the object for LINK_SECONDS."""


class Queue(Protocol):
    """What wakes a worker."""

    def send(self, job_id: str) -> None:
        """A worker will get it, at least once."""


class Jobs(NamedTuple):
    """All that there is of a model's jobs."""

    records: Records
    objects: Objects
    queue: Queue


def moved(job: Job, **changes: Any) -> Job:
    """What to put in its place."""
    return msgspec.structs.replace(job, revision=new_token(), **changes)


def new_token() -> str:
    """What nobody can guess, in 32 hexadecimal digits."""
    return urandom(16).hex()
