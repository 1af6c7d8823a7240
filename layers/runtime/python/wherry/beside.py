"""
What stands beside the one service of a release: arms of an experiment, a shadow.

Each is made, and its code imported, only where the settings ask for it or an event does: every
other cold start pays for neither.
"""

import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from wherry.http.hooks import Chooser
from wherry.service import Service
from wherry.settings import Settings

if TYPE_CHECKING:
    from wherry.http.lambda_events import Event, Handler
    from wherry.shadow.candidate import Candidate
    from wherry.shadow.shadowing import Shadow

SHADOWED = "wherry_shadow"  # at the top of an event, where no front lets a caller put anything
_FRONT = "requestContext"


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
