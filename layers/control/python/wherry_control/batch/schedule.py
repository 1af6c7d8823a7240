"""
The schedule of a model's batch runs: one of EventBridge Scheduler, made by the model's stack.

It can be looked at, paused and resumed here; what it says is changed in model.toml and deployed.
`Schedules` is the seam: AWS's behind it, and one in memory in tests.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from wherry.errors import CloudError
from wherry_control.aws_errors import translated
from wherry_control.batch.times import next_times

ENABLED, DISABLED = "ENABLED", "DISABLED"
SHOWN = 3
_ANSWERED = ("ResponseMetadata", "Arn", "CreationDate", "LastModificationDate")


@dataclass(frozen=True)
class Schedule:
    """`expression` is AWS's own, cron(…) or rate(…); `since` is when it was made."""

    name: str
    expression: str
    timezone: str
    enabled: bool
    since: datetime
    input: Mapping[str, Any] = field(default_factory=dict)

    def next_runs(self, now: datetime, most: int = SHOWN) -> tuple[datetime, ...]:
        """In UTC; none while it is paused, or where only AWS can tell."""
        if not self.enabled:
            return ()
        return next_times(self.expression, self.timezone, self.since, now, most)


class Schedules(Protocol):
    """Of one account and region."""

    def find(self, name: str) -> Schedule | None:
        """None if there is none of this name."""
        ...

    def switch(self, name: str, *, enabled: bool) -> None:
        """Leave all else of it as it is."""
        ...


class EventBridgeSchedules:
    """`client` is boto3's of EventBridge Scheduler; the schedules are in its default group."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def find(self, name: str) -> Schedule | None:
        from botocore.exceptions import ClientError

        with translated(f"schedule {name}"):
            try:
                told = self._client.get_schedule(Name=name)
            except ClientError as error:
                if error.response["Error"].get("Code") == "ResourceNotFoundException":
                    return None
                raise
        return Schedule(
            name=name,
            expression=told["ScheduleExpression"],
            timezone=told.get("ScheduleExpressionTimezone") or "UTC",
            enabled=told.get("State", ENABLED) == ENABLED,
            since=(told.get("StartDate") or told["CreationDate"]).astimezone(UTC),
            input=_input(told["Target"].get("Input", "")),
        )

    def switch(self, name: str, *, enabled: bool) -> None:
        with translated(f"schedule {name}"):
            told = self._client.get_schedule(Name=name)
            kept = {key: value for key, value in told.items() if key not in _ANSWERED}
            self._client.update_schedule(**{**kept, "State": ENABLED if enabled else DISABLED})


def schedule_of(schedules: Schedules, name: str, model: str) -> Schedule:
    """Raise CloudError if the model has none."""
    found = schedules.find(name)
    if found is None:
        raise CloudError(
            name,
            f"{model} has no schedule on this AWS",
            "Add [batch.schedule] to its model.toml and deploy it.",
        )
    return found


def switched(schedules: Schedules, found: Schedule, *, enabled: bool, dry_run: bool) -> Schedule:
    """As it is then; a schedule that is so already is left alone."""
    if found.enabled != enabled and not dry_run:
        schedules.switch(found.name, enabled=enabled)
    return replace(found, enabled=enabled)


def _input(text: str) -> Mapping[str, Any]:
    """What the state machine is told: AWS's own words in it (<aws.scheduler…>) stay as they are."""
    try:
        told = json.loads(text or "{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
