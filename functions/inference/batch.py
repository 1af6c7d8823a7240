"""
The batch function, which a state machine asks to plan a run, to do its partitions, to finish.

It has no release of its own: each run is pinned to one, and the services of the last few are kept.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from wherry.batch.actions import Actions
from wherry.batch.alike import alike
from wherry.logs import log_structured
from wherry.pinned import Live, Services
from wherry.service import Service, load_service
from wherry.settings import Settings
from wherry.workers import WorkerSettings


def _live() -> Live:
    """Asked only by a run that is not told its artifact: boto3 takes its time to be imported."""
    from wherry.aws.batch import live_of

    return live_of(settings)


def _load(pinned: Settings) -> Service:
    service = load_service(pinned)
    service.compute_by(lambda engine: alike(engine, service.manifest))
    return service


log_structured(logging.getLogger("wherry"))
settings = WorkerSettings.from_environment()
services = Services(settings.base, _load)
actions = Actions(settings.base.model, services, _live, settings.told, lambda: datetime.now(UTC))


def handler(event: Mapping[str, Any], _context: object) -> Mapping[str, Any]:
    """One state's question."""
    return actions.do(event)
