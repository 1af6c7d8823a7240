"""
Evidence of each request for a prediction: what is known of it once its reply is made.

Nothing here fails a prediction. A sketch that fails is missing from its line, and told once: what
fails for one request of a model is likely to fail for all.
"""

import logging
from collections.abc import Mapping
from typing import Any

from wherry.evidence import Evidence, Prediction
from wherry.http.hooks import Chosen
from wherry.http.wire import Reply, Request
from wherry.release import Release
from wherry.service import Answer, Service

_logger = logging.getLogger("wherry.http")

PREDICTION_ID = "x-wherry-prediction-id"
_DIGITS = 8  # of the id: more than enough to pick one row of many


class Recorder:
    """`release` is the evidence's own; of any other that answered, the line tells."""

    def __init__(self, evidence: Evidence, release: Release) -> None:
        self._evidence = evidence
        self._release = release
        self._told = False

    def record(
        self,
        request: Request,
        chosen: Chosen,
        answer: Answer | None,
        reply: Reply,
        latency_ms: float,
    ) -> None:
        """`answer` is None of what was refused or failed."""
        prediction_id, release = reply.headers[PREDICTION_ID], chosen.service.release
        prediction = Prediction(
            prediction_id,
            reply.status,
            answer.rows if answer else 0,
            latency_ms,
            answer.steps if answer else {},
            self._sketch(chosen.service, answer, prediction_id)
            if answer and not request.probe
            else None,
            request.probe,
            chosen.labels,
            None if release is self._release else release,
        )
        try:
            self._evidence.record(prediction)
        except Exception:
            _logger.exception("evidence of prediction %s is lost", prediction_id)

    def _sketch(
        self, service: Service, answer: Answer, prediction_id: str
    ) -> Mapping[str, Any] | None:
        """The row that is told of by itself goes by the id, which no caller can choose."""
        if service.sketcher is None or answer.seen is None:
            return None
        try:
            pick = int(prediction_id[:_DIGITS], 16)
            return service.sketcher.sketch(*answer.seen, rows=answer.rows, pick=pick)
        except Exception:
            if not self._told:
                self._told = True
                _logger.exception("predictions of %s leave no sketch", service.release.model)
        return None
