"""Outcomes in memory, and log lines as a release writes them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from wherry_control.experiments.facts import Exposure, Feedback, exposures_of, feedback_of
from wherry_control.experiments.outcomes import SHARDS, SKEW, Shard

AT = datetime(2026, 11, 20, 12, 30, 15, 250_000, tzinfo=UTC)
DAY = timedelta(days=1)


class FakeOutcomes:
    """Facts are values, so that a set of them holds each once."""

    def __init__(self) -> None:
        self._exposures = set[Exposure]()
        self._feedback = set[Feedback]()

    def expose(self, lines: Iterable[Mapping[str, Any]]) -> None:
        self._exposures.update(exposures_of(lines))

    def tell(self, lines: Iterable[Mapping[str, Any]]) -> None:
        self._feedback.update(feedback_of(lines))

    def shards(self, model: str, since: datetime, until: datetime) -> Iterator[Shard]:
        exposures = [each for each in self._exposures if each.model == model]
        feedback = [each for each in self._feedback if each.model == model]
        for digit in SHARDS:
            yield Shard(
                tuple(
                    each
                    for each in exposures
                    if each.prediction[0] == digit and since <= each.at < until
                ),
                tuple(
                    each
                    for each in feedback
                    if each.prediction[0] == digit and since - SKEW <= each.at
                ),
            )


def prediction_id(number: int) -> str:
    """32 hexadecimal digits, spread over the shards."""
    return f"{number % 16:x}{number:031x}"


def predicted(number: int, at: datetime = AT, **given: object) -> dict[str, Any]:
    """A line of a prediction; `given` adds keys or replaces them."""
    return {
        "level": "INFO",
        "message": "prediction",
        "model": "iris",
        "version": "3",
        "release": "7",
        "prediction_id": prediction_id(number),
        "timestamp": at.isoformat(),
        "status": 200,
        **given,
    }


def exposed(number: int, arm: str, at: datetime = AT, **given: object) -> dict[str, Any]:
    """A line of a prediction that an arm gave to the subject of the same number."""
    about = {"experiment": "forest-or-linear", "arm": arm, "subject": f"{number:016x}"}
    return predicted(number, at, **{**about, **given})


def told(
    number: int, value: object = 1.0, metric: str = "clicked", at: datetime = AT, **given: object
) -> dict[str, Any]:
    """A line of feedback."""
    return {
        "level": "INFO",
        "message": "feedback",
        "model": "iris",
        "release": "7",
        "prediction_id": prediction_id(number),
        "timestamp": at.isoformat(),
        "metric": metric,
        "value": value,
        **given,
    }
