"""
Trying again: when, after how long, and when no more.

Full jitter (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog): the wait is
anything from nothing to a ceiling that doubles, so that clients who failed together do not come
back together. A server that says `Retry-After` gets so much, and the jitter on top. Predictions
keep no state, so each may be asked again.
"""

import random
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from wherry.client.flow import Answer, Ask, Flow, NoAnswer, Pause, Send

BUSY, INTERNAL, BAD_GATEWAY, UNAVAILABLE, TOO_LATE = 429, 500, 502, 503, 504
AGAIN = frozenset({BUSY, BAD_GATEWAY, UNAVAILABLE, TOO_LATE})
_LONGEST = 40  # doublings: what follows is over any ceiling


@dataclass(frozen=True, kw_only=True)
class Retries:
    """
    `attempts` in all, within `total` seconds; waits begin below `base` seconds and end below `cap`.

    `chance` gives from 0 to 1; `now` counts seconds, `today` those since 1970.
    """

    attempts: int = 6
    base: float = 0.2
    cap: float = 10.0
    total: float = 60.0
    chance: Callable[[], float] = random.random
    now: Callable[[], float] = time.monotonic
    today: Callable[[], float] = time.time

    def jitter(self, tried: int) -> float:
        """The wait after `tried` attempts, if the server says nothing of it."""
        ceiling: float = self.base * 2 ** min(tried - 1, _LONGEST)
        return self.chance() * min(self.cap, ceiling)

    def wait(self, ask: Ask, answer: Answer | NoAnswer, tried: int) -> float | None:
        """
        How long to wait before the next attempt; None where another would not help.

        A 500 of a model stays one; S3's own advice about one of its is to ask again.
        """
        if isinstance(answer, NoAnswer):
            return self.jitter(tried) if answer.again else None
        if answer.status not in AGAIN and not (ask.elsewhere and answer.status == INTERNAL):
            return None
        return self.told(answer) + self.jitter(tried)

    def told(self, answer: Answer) -> float:
        """
        The seconds of Retry-After (RFC 9110, 10.2.3): a number, or a date, which is held against
        the server's own clock where that is told.
        """
        value = answer.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return float(value)
        until = _seconds(value)
        if until is None:
            return 0.0
        since = _seconds(answer.headers.get("date", ""))
        return max(0.0, until - (self.today() if since is None else since))


@dataclass(frozen=True)
class Came:
    """The last that came, after how many attempts."""

    answer: Answer | NoAnswer
    tried: int


def sent(ask: Ask, retries: Retries, seconds: float, enough: Collection[int] = ()) -> Flow[Came]:
    """
    Send until an answer comes that another try would not mend.

    `seconds` bound one attempt. A status in `enough` is such an answer too, and so is one that
    is late, if 504 is.
    """
    begun = retries.now()
    tried = 0
    while True:
        left = retries.total - (retries.now() - begun)
        answer = yield Send(ask, max(0.001, min(seconds, left)))
        tried += 1
        wait = None if _is_enough(answer, enough) else retries.wait(ask, answer, tried)
        spent = retries.now() - begun
        if wait is None or tried >= retries.attempts or spent + wait >= retries.total:
            return Came(answer, tried)
        yield Pause(wait)


def _is_enough(answer: Answer | NoAnswer, enough: Collection[int]) -> bool:
    if isinstance(answer, NoAnswer):
        return answer.late and TOO_LATE in enough
    return answer.status in enough


def _seconds(date: str) -> float | None:
    """A date of HTTP, in seconds since 1970."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
