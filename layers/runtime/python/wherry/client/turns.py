"""Flows handed out one by one to whoever carries them out at once, until one has raised."""

from collections.abc import Iterable
from threading import Lock
from typing import Any

from wherry.client.flow import Flow


class Turns:
    """May be used from several threads. A flow is made when its turn comes, and not before."""

    def __init__(self, flows: Iterable[Flow[Any]]) -> None:
        self._flows = enumerate(flows)
        self._lock = Lock()
        self._results: dict[int, Any] = {}
        self._failures: dict[int, Exception] = {}
        self._stopped = False

    def next(self) -> tuple[int, Flow[Any]] | None:
        """The next flow and its number; None once there is no more to do."""
        with self._lock:
            return None if self._stopped else next(self._flows, None)

    def done(self, number: int, result: Any) -> None:
        """What flow `number` returned."""
        self._results[number] = result

    def failed(self, number: int, error: Exception) -> None:
        """What flow `number` raised."""
        self._failures[number] = error
        self.stop()

    def stop(self) -> None:
        """No other is begun."""
        self._stopped = True

    def outcome(self) -> list[Any]:
        """Every result, in order; or raise what the first flow that failed has raised."""
        if self._failures:
            raise self._failures[min(self._failures)]
        return [self._results[number] for number in sorted(self._results)]
