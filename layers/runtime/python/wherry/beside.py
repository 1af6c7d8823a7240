"""
What stands beside the one service of a release: arms of an experiment, a shadow, jobs.

Each is made, and its code imported, only where the settings ask for it or an event does: every
other cold start pays for neither.
"""

import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from wherry.http.hooks import Chooser, JobRoutes
from wherry.service import Service
from wherry.settings import Settings

if TYPE_CHECKING:
    from wherry.http.lambda_events import Event, Handler
    from wherry.jobs.store import Jobs
    from wherry.shadow.candidate import Candidate
    from wherry.shadow.shadowing import Shadow

SHADOWED = "wherry_shadow"  # at the top of an event, where no front lets a caller put anything
_FRONT = "requestContext"
_JOBS = "WHERRY_JOBS"


def chooser_of(settings: Settings, service: Service) -> Chooser | None:
    """The arms, where there is an experiment; `service` is the control."""
    if not settings.experiment:
        return None
    from wherry.experiments.arms import arms_of

    return arms_of(settings, service)


def shadow_of(
    settings: Settings, service: Service, environment: Mapping[str, str] = os.environ
) -> "Shadow | None":
    """What sends a share of the requests to the shadow, in a function on Lambda."""
    if not settings.shadow_share:
        return None
    from wherry.shadow.shadowing import lambda_shadow

    return lambda_shadow(settings, service, environment)


def jobs_of(environment: Mapping[str, str] = os.environ) -> JobRoutes | None:
    """
    The routes of jobs, where the environment says where jobs are.

    What they need of AWS is imported when the first of them is asked for.
    """
    if not environment.get(_JOBS):
        return None
    from wherry.jobs.front import Front
    from wherry.jobs.settings import JobSettings

    settings = JobSettings.from_environment(environment)

    def find() -> "Jobs":
        from wherry.aws.jobs import open_jobs

        return open_jobs(settings, environment)

    return lambda predictions: Front(find, settings.rules, predictions).endpoints()


def beside(
    handler: "Handler", settings: Settings, service: Service, shadow: "Shadow | None"
) -> "Handler":
    """
    The handler, which also answers as somebody's shadow, and lets its own shadow go on afterwards.

    An event is a shadow's only where it came by a direct invoke, which IAM guards: what comes
    through a front has that front's context.
    """

    @cache
    def candidate() -> "Candidate":
        from wherry.shadow.candidate import Candidate
        from wherry.shadow.shadowing import store_of

        return Candidate(service, store_of(settings, os.environ))

    def handle(event: "Event", context: Any) -> Any:
        try:
            if isinstance(event, dict) and SHADOWED in event and _FRONT not in event:
                candidate().take(event[SHADOWED])
                return None
            return handler(event, context)
        finally:
            if shadow is not None:
                shadow.answered()

    return handle
