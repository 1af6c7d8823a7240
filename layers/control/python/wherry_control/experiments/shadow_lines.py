"""The lines of shadows, from the function's own log: they are few, and hold nothing but counts."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, Protocol

from wherry.errors import CloudError
from wherry_control.aws_errors import translated

PATTERN = '{ $.message = "shadow" }'
PATIENCE = 60.0  # seconds; a turn of a rollout has 240


class ShadowLines(Protocol):
    """What shadows of a function left in its log."""

    def __call__(
        self, function: str, since: datetime, until: datetime
    ) -> Iterable[Mapping[str, Any]]:
        """Oldest first, of [since, until); none where there is no log."""
        ...


@dataclass(frozen=True)
class LoggedShadows:
    """
    The real ones; `client` is boto3's `logs`.

    A log is searched whole, and a busy one is long: after `patience` seconds what was read is all.
    The interval of an agreement holds at every moment, so also at that one.
    """

    client: Any
    patience: float = PATIENCE
    clock: Callable[[], float] = monotonic

    def __call__(
        self, function: str, since: datetime, until: datetime
    ) -> Iterator[Mapping[str, Any]]:
        """See ShadowLines."""
        end, absent = self.clock() + self.patience, _absent(function)
        try:
            for page in _pages(self.client, function, since, until, absent):
                yield from page
                if self.clock() >= end:
                    return
        except CloudError as error:
            if error is not absent:
                raise


def shadow_lines(
    client: Any, function: str, since: datetime, until: datetime
) -> Iterator[dict[str, Any]]:
    """Oldest first, of [since, until), all; CloudError if there is no log. `client` as above."""
    for page in _pages(client, function, since, until, _absent(function)):
        yield from page


def _pages(
    client: Any, function: str, since: datetime, until: datetime, absent: CloudError
) -> Iterator[list[dict[str, Any]]]:
    """AWS gives empty ones too: it says after each how far it has come."""
    group = _group(function)
    with translated(group, absent=absent):
        pages = client.get_paginator("filter_log_events").paginate(
            logGroupName=group,
            filterPattern=PATTERN,
            startTime=int(since.timestamp() * 1000),
            endTime=int(until.timestamp() * 1000),
        )
        for page in pages:
            yield [told for event in page["events"] if (told := _line(event["message"]))]


def _group(function: str) -> str:
    return f"/aws/lambda/{function}"


def _absent(function: str) -> CloudError:
    return CloudError(_group(function), "there is no such log", "Deploy the model first.")


def _line(text: str) -> dict[str, Any] | None:
    """None of one that was cut short, or of another kind: a filter may be coarser than this."""
    try:
        told = json.loads(text)
    except ValueError:
        return None
    return told if isinstance(told, dict) and told.get("message") == "shadow" else None
