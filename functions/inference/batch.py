"""
The batch function, which a state machine asks to plan a run, to do its partitions, to finish.

It has no release of its own: each run is pinned to one, and the services of the last few are kept.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from wherry.batch.actions import Actions
from wherry.logs import log_structured
from wherry.pinned import Live, Services
from wherry.workers import WorkerSettings


def _live() -> Live:
    """Asked only by a run that is not told its artifact: boto3 takes its time to be imported."""
    import boto3

    from wherry.aws.live import LambdaLive

    return LambdaLive(boto3.client("lambda"), settings.function, _now)


def _now() -> datetime:
    return datetime.now(UTC)


log_structured(logging.getLogger("wherry"))
settings = WorkerSettings.from_environment()
actions = Actions(settings.base.model, Services(settings.base), _live, settings.told, _now)


def handler(event: Mapping[str, Any], _context: object) -> Mapping[str, Any]:
    """One state's question."""
    return actions.do(event)
