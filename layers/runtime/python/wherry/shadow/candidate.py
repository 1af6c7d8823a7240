"""
The other side: a release that answers what another has answered, tells how far apart they are, and
gives its answer to nobody.

One log line is left of each: `message: "shadow"`, with how many rows are the same. It holds no
payload. Whatever goes wrong is told in the line too, and never raised: Lambda would try an
asynchronous event twice more.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from math import isfinite
from time import perf_counter, time
from typing import Any

import orjson

from wherry.errors import RequestError
from wherry.evidence import SERVICE, to_stdout
from wherry.http.predictions import Predictions
from wherry.http.routes import find
from wherry.service import Service
from wherry.shadow.comparing import Comparison, compare
from wherry.shadow.events import Objects, Told, from_event

_logger = logging.getLogger("wherry.shadow")


class Candidate:
    """Answers for `service`; `write` gets a line, `now` gives the seconds since 1970."""

    def __init__(
        self,
        service: Service,
        objects: Callable[[], Objects],
        *,
        write: Callable[[str], None] = to_stdout,
        now: Callable[[], float] = time,
    ) -> None:
        self._predictions = Predictions(service, None)
        self._release = service.release
        self._objects = objects
        self._write = write
        self._now = now

    def take(self, told: Any) -> None:
        """What the event has at its key."""
        try:
            stable = from_event(told, self._objects)
        except Exception:
            _logger.exception("an event of a shadow cannot be read")
            return
        started, error = perf_counter(), ""
        try:
            found = self._compared(stable)
        except Exception as failure:
            _logger.exception("the shadow of prediction %s failed", stable.of)
            found, error = compare(stable.answer, {}), type(failure).__name__
        elapsed = (perf_counter() - started) * 1000
        self._write(self._line(stable, found, error, elapsed))

    def _compared(self, stable: Told) -> Comparison:
        routed = find(stable.path)
        route = routed[0].get("POST") if routed else None
        if route is None:
            raise RequestError(stable.path[:64], "it is no path of a prediction")
        answer = self._predictions.ask(route.name, stable.request)
        return compare(stable.answer, answer.seen[1] if answer.seen else {})

    def _line(self, stable: Told, found: Comparison, error: str, elapsed: float) -> str:
        line = {
            "level": "INFO",
            "message": "shadow",
            "service": SERVICE,
            "model": self._release.model,
            "version": str(self._release.version),
            "release": self._release.name,
            "stable_release": stable.release,
            "timestamp": datetime.fromtimestamp(self._now(), UTC),
            "of": stable.of,
            "rows": found.rows,
            "same": found.same,
            "exact": found.exact,
            "max_difference": found.difference if isfinite(found.difference) else None,
            "latency": round(elapsed, 3),
            **({"error": error} if error else {}),
        }
        return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE).decode()
