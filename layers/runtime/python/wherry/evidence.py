"""
What a prediction leaves behind: one line, and never its payload.

The line is a structured log entry and, by its `_aws` key, CloudWatch's embedded metric format at
once, so that it is written, stored and paid for once. It goes to stdout inside the request, since
Lambda may freeze the environment right after it. The metrics are told apart by model, model version
and release, so that a rollout can compare two.

Written here and not by Powertools' Metrics, whose two lines cost a request more than its JSON did
(`make bench`). The format: CloudWatch User Guide, "Embedded metric format specification".
"""

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import inf
from time import time
from typing import Any, Protocol

import msgspec
import orjson

from wherry.release import Release

SERVICE = "wherry"
NAMESPACE = "Wherry"

_CALLERS_MISTAKE, _OURS = 400, 500  # where the classes of HTTP statuses begin
_DIMENSIONS = ("model", "version", "release")
_METRICS: Mapping[str, str] = {
    "Predictions": "Count",
    "Refusals": "Count",
    "Errors": "Count",
    "Rows": "Count",
    "Slow": "Count",
    "Latency": "Milliseconds",
}
_DIRECTIVES = [
    {
        "Namespace": NAMESPACE,
        "Dimensions": [_DIMENSIONS],
        "Metrics": [{"Name": name, "Unit": unit} for name, unit in _METRICS.items()],
    }
]


class Prediction(msgspec.Struct, frozen=True):
    """
    One request for a prediction, answered or refused; `steps` are milliseconds of each step.

    `sketch` is what `wherry.sketch` makes of it. `labels` are keys of its own in the line, such as
    the arm of an experiment. `release` is who answered, where that is not the log's own. A `probe`
    is asked by a rollout of a release that it does not trust yet, and is no evidence.
    """

    id: str
    status: int
    rows: int
    latency_ms: float
    steps: Mapping[str, float] = {}
    sketch: Mapping[str, Any] | None = None
    probe: bool = False
    labels: Mapping[str, str] = {}
    release: Release | None = None


class Evidence(Protocol):
    """Where predictions are told of."""

    def record(self, prediction: Prediction) -> None:
        """May fail: the caller sees to it that the prediction does not."""


def to_stdout(line: str) -> None:
    """Where CloudWatch listens."""
    sys.stdout.write(line)
    sys.stdout.flush()


class EvidenceLog:
    """
    One JSON line a prediction; `now` gives the seconds since 1970.

    Slow is what takes more than `slo_ms` milliseconds; without it nothing is. The first prediction
    that an artifact answers here is not: it loads what later ones find loaded, and a candidate, all
    of whose environments are new, has more of these than stable.
    """

    def __init__(
        self,
        release: Release,
        *,
        slo_ms: float | None = None,
        write: Callable[[str], None] = to_stdout,
        now: Callable[[], float] = time,
    ) -> None:
        self._write = write
        self._now = now
        self._slo_ms = inf if slo_ms is None else slo_ms
        self._constant = _constant(release)
        self._met: set[str] = set()

    def record(self, prediction: Prediction) -> None:
        """Write the line."""
        now = self._now()
        release = prediction.release
        digest = self._constant["digest"] if release is None else release.digest
        line: dict[str, Any] = {
            **prediction.labels,
            **(self._constant if release is None else _constant(release)),
            "timestamp": datetime.fromtimestamp(now, UTC),
            "prediction_id": prediction.id,
            "status": prediction.status,
            "Predictions": 1,
            "Refusals": int(_is_refusal(prediction.status)),
            "Errors": int(_is_error(prediction.status)),
            "Rows": prediction.rows,
            "Slow": int(prediction.latency_ms > self._slo_ms and digest in self._met),
            "Latency": round(prediction.latency_ms, 3),
        }
        if prediction.probe:
            line["probe"] = True  # and no metric: it is no traffic
        else:
            line["_aws"] = {"Timestamp": int(now * 1000), "CloudWatchMetrics": _DIRECTIVES}
        if prediction.steps:
            line["steps_ms"] = {name: round(spent, 3) for name, spent in prediction.steps.items()}
        if prediction.sketch is not None:
            line["sketch"] = prediction.sketch
        self._met.add(digest)
        self._write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE).decode())


def _constant(release: Release) -> dict[str, str]:
    return {
        "level": "INFO",
        "message": "prediction",
        "service": SERVICE,
        "model": release.model,
        "version": str(release.version),  # a dimension is text
        "release": release.name,
        "digest": release.digest,
    }


def _is_refusal(status: int) -> bool:
    return _CALLERS_MISTAKE <= status < _OURS


def _is_error(status: int) -> bool:
    return status >= _OURS
