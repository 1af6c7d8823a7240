"""
SQS events with jobs in them: each message is the id of one, and is back later if that is not done.

A message that is not done is hidden for as long as its queue says, which is several times as long
as an attempt can last. So it is told here when to come again: before an attempt, which may be
killed, and after one that failed. Who receives a message for the last time says so to its job.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from wherry.jobs.work import MARGIN, Turn

_logger = logging.getLogger("wherry.jobs")

RETRY = 10.0  # seconds, after the first failure; twice that after the second


class Works(Protocol):
    """A worker."""

    def work(self, job_id: str, turn: Turn) -> float | None:
        """See Worker; raise what may be better another time."""


class JobMessages:
    """`later` hides a message, by its receipt, for so many seconds; `receives` are all it gets."""

    def __init__(
        self, worker: Works, later: Callable[[str, float], None], *, receives: int
    ) -> None:
        self._worker = worker
        self._later = later
        self._receives = receives

    def take(self, event: Mapping[str, Any], seconds: Callable[[], float]) -> dict[str, Any]:
        """Answer which messages are to come again; `seconds` are left to this invocation."""
        failed = [one["messageId"] for one in event["Records"] if not self._is_done(one, seconds)]
        return {"batchItemFailures": [{"itemIdentifier": told} for told in failed]}

    def _is_done(self, message: Mapping[str, Any], seconds: Callable[[], float]) -> bool:
        receive = int(message["attributes"]["ApproximateReceiveCount"])
        turn = Turn(seconds(), last=receive >= self._receives)
        self._hide(message, turn.seconds + 2 * MARGIN)  # when its lease is over, and a little later
        try:
            again = self._worker.work(message["body"], turn)
        except Exception:
            _logger.exception("job %s failed, at receive %s", message["body"], receive)
            again = RETRY * receive
        if again is None:
            return True
        self._hide(message, again)
        return False

    def _hide(self, message: Mapping[str, Any], seconds: float) -> None:
        try:
            self._later(message["receiptHandle"], seconds)
        except Exception:
            _logger.exception("job %s comes again only when its queue says", message["body"])
