"""
Where evidence comes from and where it is kept: the seams between rollouts and AWS.

A flush is what one delivery of log lines came to. It has an id made of what was delivered, so that
a delivery that comes twice counts once. The real stores are in `dynamo` and `cloudwatch`, the fakes
in the tests; one contract test runs over both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from wherry_control.evidence.counts import Evidence, Minute, Moments


@dataclass(frozen=True)
class Flush:
    """Counts of one delivery: a part of one minute of one release of a model."""

    id: str
    model: str
    minute: Minute


class EvidenceStore(Protocol):
    """Flushes by model and minute."""

    def add(self, flush: Flush) -> bool:
        """Keep it; False, and nothing doubled, if this id was kept before."""
        ...

    def minutes(self, model: str, since: datetime, until: datetime) -> Sequence[Minute]:
        """Sums by minute and release, oldest first; of minutes that begin in [since, until)."""
        ...


@dataclass(frozen=True)
class Invoked:
    """CloudWatch's own count of one release behind the alias, in one minute (UTC)."""

    at: datetime
    release: str
    invocations: int
    errors: int


class Platform(Protocol):
    """What Lambda itself counted: it knows of functions that never came to answer."""

    def invoked(
        self, function: str, releases: Sequence[str], since: datetime, until: datetime
    ) -> Sequence[Invoked]:
        """Minutes with at least one invocation, oldest first."""
        ...


Ranges = Mapping[str, tuple[float, float]]
"""Of the metrics that are asked for: the least and the greatest value of one outcome."""


class Outcomes(Protocol):
    """What became of predictions, as `POST /feedback` told it."""

    def __call__(
        self,
        model: str,
        releases: Sequence[str],
        since: datetime,
        until: datetime,
        ranges: Ranges,
    ) -> Mapping[str, Mapping[str, Moments]]:
        """
        By release, then by metric: the outcomes of predictions made in [since, until).

        Anybody may tell anything: what is out of its range counts as the end of it.
        """
        ...


class Gather(Protocol):
    """All sources together, for the two releases of a rollout."""

    def __call__(
        self,
        model: str,
        stable: str,
        candidate: str,
        since: datetime,
        now: datetime,
        ranges: Ranges,
    ) -> Evidence: ...
