"""
Facts of an experiment: who was answered by which arm, and what came of it; read from log lines.

A fact is all in its line, and its key is made of nothing else. So keeping a line twice keeps one
fact, and facts mean the same in whatever order they come. A line that tells no fact is no error: a
delivery holds lines of every kind, and some of them were cut short.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

ANSWERED = range(200, 300)
LONGEST = 100  # characters of a metric's name; a key of DynamoDB holds 1,024 bytes
GIVEN = ("release", "experiment", "arm", "subject")
_PREDICTION = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Exposure:
    """A prediction that somebody got; arm and subject are empty where no experiment gave them."""

    model: str
    prediction: str
    at: datetime
    release: str
    experiment: str = ""
    arm: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What was told of a prediction, and when; a prediction may be told of before it is known."""

    model: str
    prediction: str
    at: datetime
    metric: str
    value: float


def exposures_of(lines: Iterable[Mapping[str, Any]]) -> Iterator[Exposure]:
    """
    Lines of predictions that were answered, or that an arm was given.

    Whoever was given an arm counts whatever its answer was: an arm that fails has its share. A
    probe is no traffic, and counts for nothing.
    """
    for line in lines:
        about = _about(line, "prediction")
        counts = line.get("arm") or line.get("status") in ANSWERED
        if about and counts and not line.get("probe"):
            yield Exposure(*about, *(str(line.get(name) or "") for name in GIVEN))


def feedback_of(lines: Iterable[Mapping[str, Any]]) -> Iterator[Feedback]:
    """Lines that tell a metric's name and a finite value of a prediction."""
    for line in lines:
        about, metric = _about(line, "feedback"), line.get("metric")
        value: Any = line.get("value")
        if about and _is_name(metric) and _is_number(value):
            yield Feedback(*about, str(metric), float(value))


def _about(line: Mapping[str, Any], message: str) -> tuple[str, str, datetime] | None:
    model, prediction = line.get("model"), line.get("prediction_id")
    if line.get("message") != message or not isinstance(model, str) or not model:
        return None
    if not isinstance(prediction, str) or not _PREDICTION.fullmatch(prediction):
        return None
    at = _time(line.get("timestamp"))
    return None if at is None else (model, prediction, at)


def _time(told: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _is_name(told: object) -> bool:
    return isinstance(told, str) and 0 < len(told) <= LONGEST


def _is_number(told: Any) -> bool:
    return isinstance(told, int | float) and abs(told) < math.inf
