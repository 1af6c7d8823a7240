"""Evidence of a rollout from sources in memory, told minute by minute."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.support.evidence_fakes import FakeEvidence, FakePlatform
from tests.support.rollout_world import FUNCTION, START
from wherry.errors import CloudError
from wherry_control.evidence.counts import Counts, Evidence, Minute
from wherry_control.evidence.sources import Flush, Invoked, Ranges
from wherry_control.rollouts.gathering import Gatherer

CLICKED: Ranges = {"clicked": (0.0, 1.0)}
MOVED = START + timedelta(seconds=20)  # the step begins in the middle of minute 0


class Sources:
    """What was told, by minutes after START."""

    def __init__(self) -> None:
        self.store = FakeEvidence()
        self.platform = FakePlatform()

    def line(self, minute: int, release: str = "2", requests: int = 10, **errors: int) -> None:
        at = START + timedelta(minutes=minute)
        counts = Counts(requests, errors=errors)
        id_ = f"flush-{len(self.store.kept)}"
        self.store.add(Flush(id_, "iris", Minute(at, release, counts)))

    def metric(
        self, minute: int, release: str = "2", invocations: int = 10, errors: int = 0
    ) -> None:
        at = START + timedelta(minutes=minute)
        self.platform.counted.append((FUNCTION, Invoked(at, release, invocations, errors)))

    def both(self, minute: int, release: str = "2") -> None:
        self.line(minute, release)
        self.metric(minute, release)

    def gathered(
        self,
        minutes: float = 3,
        since: datetime = MOVED,
        ranges: Ranges = CLICKED,
        **parts: Any,
    ) -> Evidence:
        """The evidence as it is so many minutes after START."""
        gather = Gatherer(
            **{
                "store": self.store,
                "platform": self.platform,
                "function": "wherry-dev-{}".format,
                **parts,
            }
        )
        return gather("iris", "1", "2", since, START + timedelta(minutes=minutes), ranges)


class Broken:
    def minutes(self, *_asked: object) -> Sequence[Minute]:
        raise CloudError("evidence", "no such table")

    def add(self, _flush: Flush) -> bool:
        raise CloudError("evidence", "no such table")

    def invoked(self, *_asked: object) -> Sequence[Invoked]:
        raise CloudError("metrics", "AWS limits these requests for now")
