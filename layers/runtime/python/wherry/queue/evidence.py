"""
Evidence of each message that is answered or refused here for the first time, as of each request.

Its line goes to the worker's own log. No rollout is judged by it: a message waits for as long as it
must, and what comes twice would count twice.
"""

import logging
from collections.abc import Mapping
from os import urandom
from typing import Any

from wherry.evidence import Evidence, Prediction
from wherry.service import Answer, Service

_logger = logging.getLogger("wherry.queue")


class Recorder:
    """Nothing here fails a message."""

    def __init__(self, evidence: Evidence | None) -> None:
        self._evidence = evidence

    def record(
        self, service: Service, message_id: str, status: int, answer: Answer | None, ms: float
    ) -> None:
        if self._evidence is None:
            return
        try:
            self._evidence.record(
                Prediction(
                    message_id,
                    status,
                    answer.rows if answer else 0,
                    ms,
                    answer.steps if answer else {},
                    _sketch(service, answer),
                    release=service.release,
                )
            )
        except Exception:
            _logger.exception("evidence of message %s is lost", message_id)


def _sketch(service: Service, answer: Answer | None) -> Mapping[str, Any] | None:
    """The row that is told of by itself goes by chance, which no sender can choose."""
    if service.sketcher is None or answer is None or answer.seen is None:
        return None
    pick = int.from_bytes(urandom(4))
    return service.sketcher.sketch(*answer.seen, rows=answer.rows, pick=pick)
