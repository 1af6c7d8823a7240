"""
A gate between a controller and AWS, at which every call may go wrong.

It counts each call, and does to it what the test asked for: kill the controller before it or right
after its effect, lose the answer, throttle, tell the past, or let somebody else act in the middle
of it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from wherry.errors import CloudError

DIE_BEFORE, DIE_AFTER, LOST, THROTTLED, STALE, ANCIENT = (
    "die before",
    "die after",
    "lost reply",
    "throttled",
    "stale read",
    "ancient read",
)
FAULTS: Final = (DIE_BEFORE, DIE_AFTER, LOST, THROTTLED, STALE, ANCIENT)


class Killed(BaseException):
    """The process is gone: no `except` of its own sees this."""


@dataclass
class Gate:
    """What happens to the calls that pass: `faults` by number, `meanwhile` in the middle of one."""

    faults: Mapping[int, str] = field(default_factory=dict)
    meanwhile: Mapping[int, Callable[[], None]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    dead: bool = False

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else acts in the middle of these calls."""
        others, self.meanwhile = self.meanwhile, {}
        try:
            yield
        finally:
            self.meanwhile = others

    def enter(self, name: str) -> str:
        """Count the call; return what is to happen to it."""
        if self.dead:
            raise Killed
        number = len(self.names)
        self.names.append(name)
        if number in self.meanwhile:
            self.meanwhile[number]()
        fault = self.faults.get(number, "")
        if fault == DIE_BEFORE:
            self._die()
        if fault == THROTTLED:
            raise CloudError(name, "AWS limits these requests for now")
        return fault

    def leave(self, name: str, fault: str) -> None:
        if fault == DIE_AFTER:
            self._die()
        if fault == LOST:
            raise CloudError(name, "no answer from AWS")

    def _die(self) -> None:
        self.dead = True
        raise Killed


class Gated:
    """All methods of `target`, through the gate; what `past` knows may be told too late."""

    def __init__(self, target: Any, gate: Gate, past: "Past") -> None:
        self._target = target
        self._gate = gate
        self._past = past

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            fault = self._gate.enter(name)
            told = getattr(self._target, name)(*given, **named)
            self._past.remember()
            self._gate.leave(name, fault)
            return self._past.told(name, fault, told)

        return call


class Past:
    """What could be read so far, so that a read can be late by one change or by all of them."""

    def __init__(self, reads: Mapping[str, Callable[[], Any]]) -> None:
        self._reads = reads
        self.seen: dict[str, list[Any]] = {name: [] for name in reads}
        self.remember()

    def remember(self) -> None:
        for name, read in self._reads.items():
            now, seen = read(), self.seen[name]
            if now is not None and seen[-1:] != [now]:
                seen.append(now)

    def told(self, name: str, fault: str, now: Any) -> Any:
        seen = self.seen.get(name, [])
        if len(seen) < 2 or fault not in (STALE, ANCIENT):
            return now
        return seen[-2] if fault == STALE else seen[0]
