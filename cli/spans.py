"""A time that somebody wrote: a moment, or how long ago."""

import re
from datetime import UTC, datetime, timedelta

from wherry.errors import UsageError

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
ALLOWED = "Give a time like 2026-11-20 or 2026-11-20T08:30 (UTC), or how long ago, like 90m or 7d."


def since(told: str, now: datetime) -> datetime:
    """The moment, in UTC; UsageError if it is none, or not yet."""
    ago = re.fullmatch(r"(\d{1,6})([mhdw])", told)
    try:
        moment = (
            now - timedelta(**{UNITS[ago[2]]: int(ago[1])}) if ago else datetime.fromisoformat(told)
        )
    except (ValueError, OverflowError) as error:
        raise UsageError("--since", f"{told!r} is no time", ALLOWED) from error
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment >= now:
        raise UsageError("--since", f"{told} is not over yet", ALLOWED)
    return moment
