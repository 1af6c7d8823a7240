"""The lines of shadows, from the function's own log: they are few, and hold nothing but counts."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from wherry.errors import CloudError
from wherry_control.aws_errors import translated

PATTERN = '{ $.message = "shadow" }'


def shadow_lines(
    client: Any, function: str, since: datetime, until: datetime
) -> Iterator[dict[str, Any]]:
    """Oldest first, of [since, until); `client` is boto3's `logs`."""
    group = f"/aws/lambda/{function}"
    absent = CloudError(group, "there is no such log", "Deploy the model first.")
    with translated(group, absent=absent):
        pages = client.get_paginator("filter_log_events").paginate(
            logGroupName=group,
            filterPattern=PATTERN,
            startTime=int(since.timestamp() * 1000),
            endTime=int(until.timestamp() * 1000),
        )
        for page in pages:
            yield from (told for event in page["events"] if (told := _line(event["message"])))


def _line(text: str) -> dict[str, Any] | None:
    """None of one that was cut short, or of another kind: a filter may be coarser than this."""
    try:
        told = json.loads(text)
    except ValueError:
        return None
    return told if isinstance(told, dict) and told.get("message") == "shadow" else None
