"""EventBridge Scheduler: when a schedule is due, and what its target is told."""
# ruff: noqa: SLF001 (private functions of a pinned version are what is fixed here)

import time
from datetime import UTC, datetime
from types import ModuleType
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from infra.local_aws.emulator.wrapping import Record, check, wrap

DROPPED = ("ScheduleExpressionTimezone", "StartDate", "EndDate")


def fire_schedules_as_aws_does(scheduler: ModuleType, eventbridge: ModuleType) -> None:
    """
    AWS reads `cron(…)` and `at(…)` in the schedule's own time zone, and puts the time for which a
    call was scheduled into its input; MiniStack reads them in UTC, and leaves the words that stand
    for it. What a target refuses is not tried again here, and becomes no dead letter.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    """
    check(scheduler, "_schedules", "_schedule_last_fired", "_to_epoch")
    check(eventbridge, "_invoke_target", "_parse_rate_seconds", "_parse_cron_fields")
    began, fired = time.time(), scheduler._schedule_last_fired

    def tick() -> None:
        for key, told in list(scheduler._schedules._data.items()):
            at = due(scheduler, eventbridge, told, fired.get(key), began)
            if at is None or at > time.time():
                continue
            fired[key] = at
            _call(scheduler, eventbridge, key, told, at)
            if is_once(told) and told.get("ActionAfterCompletion") == "DELETE":
                scheduler._schedules._data.pop(key, None)

    wrap(scheduler, "_tick_schedules", lambda _: tick)


def keep_zones_of_templates(provisioners: ModuleType, scheduler: ModuleType) -> None:
    """A template's schedule has a time zone and an end like any other; MiniStack drops them."""
    check(provisioners, "_RESOURCE_HANDLERS")
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Scheduler::Schedule"]

    def keeping(original: Any, properties_at: int) -> Any:
        def make(*words: Any) -> Any:
            name, told = original(*words)
            properties = words[properties_at]
            kept = scheduler._schedules[f"{properties.get('GroupName', 'default')}/{name}"]
            kept.update({key: properties[key] for key in DROPPED if key in properties})
            return name, told

        return make

    handlers["create"] = keeping(handlers["create"], 1)
    handlers["update"] = keeping(handlers["update"], 2)


def is_once(told: Record) -> bool:
    return str(told.get("ScheduleExpression", "")).startswith("at(")


def due(
    scheduler: ModuleType, eventbridge: ModuleType, told: Record, last: float | None, began: float
) -> float | None:
    """When it is to be called next, counted from its last time; None if it is not any more."""
    expression, zone = told.get("ScheduleExpression", ""), ZoneInfo(_zone(told))
    if told.get("State") != "ENABLED" or (is_once(told) and last is not None):
        return None
    if is_once(told):
        return datetime.fromisoformat(expression[3:-1]).replace(tzinfo=zone).timestamp()
    since = last or max(told.get("CreationDate", 0), began)
    since = max(since, scheduler._to_epoch(told.get("StartDate")) or 0)
    seconds = eventbridge._parse_rate_seconds(expression)
    fields = eventbridge._parse_cron_fields(expression)
    if seconds is not None:
        at = since + seconds
    elif fields is not None:
        at = _next(eventbridge, fields, since, zone)
    else:
        return None
    end = scheduler._to_epoch(told.get("EndDate"))
    return None if at is None or (end is not None and at > end) else at


def _zone(told: Record) -> str:
    return told.get("ScheduleExpressionTimezone") or "UTC"


def _next(eventbridge: ModuleType, fields: Any, since: float, zone: ZoneInfo) -> float | None:
    """By the clock on the wall: MiniStack's own reckoning is told local time as if it were UTC."""
    wall = datetime.fromtimestamp(since, zone).replace(tzinfo=UTC)
    found = eventbridge._cron_next_fire(fields, wall)
    return found.replace(tzinfo=zone).timestamp() if found else None


def attributes(told: Record, at: float) -> Record:
    """What AWS puts in place of each of these words, wherever they stand in the input."""
    when = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "<aws.scheduler.scheduled-time>": when,
        "<aws.scheduler.schedule-arn>": told.get("Arn", ""),
        "<aws.scheduler.execution-id>": str(uuid4()),
        "<aws.scheduler.attempt-number>": "1",
    }


def _call(
    scheduler: ModuleType, eventbridge: ModuleType, key: tuple[str, ...], told: Record, at: float
) -> None:
    target = dict(told.get("Target") or {})
    for words, value in attributes(told, at).items():
        if target.get("Input"):
            target["Input"] = target["Input"].replace(words, value)
    account, region = scheduler.get_account_id(), scheduler.get_region()
    scheduler.set_request_account_id(key[0])
    scheduler.set_request_region(key[1])
    event = {
        "EventId": str(uuid4()), "Source": "aws.scheduler", "DetailType": "Scheduled Event",
        "Detail": "{}", "Time": at, "Resources": [told.get("Arn", "")], "Account": key[0],
        "Region": key[1],
    }  # fmt: skip
    try:
        eventbridge._invoke_target(target, event, told)
    finally:
        scheduler.set_request_account_id(account)
        scheduler.set_request_region(region)
