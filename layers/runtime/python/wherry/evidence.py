"""
What a prediction leaves behind: one structured log line and one EMF line, and never its payload.

Both go to stdout inside the request, since Lambda may freeze the environment right after it. The
metrics are told apart by model, model version and release, so that a rollout can compare two.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics

from wherry.release import Release

SERVICE = "wherry"
NAMESPACE = "Wherry"


@dataclass(frozen=True)
class Prediction:
    """One request for a prediction, answered or refused."""

    id: str
    status: int
    rows: int
    latency_ms: float


class Evidence(Protocol):
    """Where predictions are told of."""

    def record(self, prediction: Prediction) -> None:
        """May fail: the caller sees to it that the prediction does not."""


class PowertoolsEvidence:
    """CloudWatch, by way of stdout."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._logger = Logger(service=SERVICE, utc=True, location=None)
        # An empty service keeps Powertools from adding a fourth dimension.
        self._metrics = EphemeralMetrics(namespace=NAMESPACE, service="")

    def record(self, prediction: Prediction) -> None:
        """Write both lines."""
        self._log(prediction)
        self._measure(prediction)

    def _log(self, prediction: Prediction) -> None:
        release = self._release
        self._logger.info(
            "prediction",
            model=release.model,
            version=release.version,
            release=release.name,
            digest=release.digest,
            prediction_id=prediction.id,
            rows=prediction.rows,
            status=prediction.status,
            latency_ms=round(prediction.latency_ms, 3),
        )

    def _measure(self, prediction: Prediction) -> None:
        release, metrics = self._release, self._metrics
        metrics.add_dimension("model", release.model)
        metrics.add_dimension("version", str(release.version))
        metrics.add_dimension("release", release.name)
        metrics.add_metric("Predictions", "Count", 1)
        metrics.add_metric("Refusals", "Count", int(_is_refusal(prediction.status)))
        metrics.add_metric("Errors", "Count", int(_is_error(prediction.status)))
        metrics.add_metric("Rows", "Count", prediction.rows)
        metrics.add_metric("Latency", "Milliseconds", prediction.latency_ms)
        metrics.flush_metrics()


def _is_refusal(status: int) -> bool:
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR


def _is_error(status: int) -> bool:
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR
