"""What queue inference talks to, in memory: a memory of messages, a place for results."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any

from tests.support.services import service_of
from wherry.artifact import Artifact
from wherry.errors import CloudError
from wherry.pinned import Fixed, Live, Pinned, Services
from wherry.queue.claims import Claims
from wherry.queue.memory import Begun, Differs, Done, Key, New, Running
from wherry.queue.messages import Message, Result
from wherry.queue.results import Results
from wherry.queue.tasks import Parts
from wherry.service import Service
from wherry.settings import Settings

PINNED = Pinned("7", 1, f"sha256:{'a' * 64}")


@dataclass
class _Kept:
    content: str
    until: float
    result: bytes | None = None


class FakeMemory:
    """`Memory` in a dictionary; `now` gives seconds. `begun` are the ids that were asked for."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self.kept: dict[str, _Kept] = {}
        self.begun: list[str] = []
        self._now = now
        self._lock = Lock()

    def begin(self, key: Key, seconds: float) -> Begun:
        with self._lock:
            self.begun.append(key.id)
            found = self.kept.get(key.id)
            gone = found is not None and found.result is None and found.until < self._now()
            if found is None or gone:
                self.kept[key.id] = _Kept(key.content, self._now() + seconds)
                return New()
            if found.content != key.content:
                return Differs()
            return Running() if found.result is None else Done(found.result)

    def finish(self, key: Key, result: bytes) -> bytes:
        with self._lock:
            found = self.kept.setdefault(key.id, _Kept(key.content, 0))
            if found.content != key.content:
                raise CloudError(key.id, "another message has this id now")
            if found.result is None:
                found.result = result
            return found.result

    def abandon(self, key: Key) -> None:
        with self._lock:
            found = self.kept.get(key.id)
            if found is not None and found.result is None:
                del self.kept[key.id]


class KeptResults:
    """A `Sink` that a test can look at: every result that came, in order."""

    def __init__(self) -> None:
        self.results: list[Result] = []

    def put(self, result: Result) -> None:
        self.results.append(result)

    @property
    def by_name(self) -> Mapping[str, set[bytes]]:
        told: dict[str, set[bytes]] = {}
        for result in self.results:
            told.setdefault(result.name, set()).add(result.body)
        return told


def services_of(service: Service) -> Services:
    """The one service, whatever is pinned."""
    settings = Settings(
        model=service.release.model, model_version=1, digest=PINNED.digest, store="memory://"
    )
    return Services(settings, lambda _: service)


def parts_of(
    artifact: Artifact | None = None,
    *,
    service: Service | None = None,
    live: Live | None = None,
    claims: Claims | None = None,
    **replaced: Any,
) -> Parts:
    """A worker's parts around one model, without AWS."""
    service = service or service_of(artifact)
    told: dict[str, Any] = {
        "live": live or Fixed(PINNED),
        "services": services_of(service),
        "memory": FakeMemory(),
        "sinks": (KeptResults(),),
        "results": Results(service.release.model, claims),
        "claims": claims,
    }
    return Parts(**{**told, **replaced})


def message(message_id: str, body: bytes | str, group: str = "", **attributes: str) -> Message:
    """`content_type` and the like are the attributes of these names, with hyphens."""
    told = {name.replace("_", "-"): value for name, value in attributes.items()}
    data = body if isinstance(body, bytes) else body.encode()
    return Message(id=message_id, body=data, group=group, attributes=told)
