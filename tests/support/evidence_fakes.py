"""An evidence store and a CloudWatch, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from wherry_control.evidence.counts import Counts, Minute
from wherry_control.evidence.sources import Flush, Invoked


@dataclass
class FakeEvidence:
    """As DynamoEvidence, which one contract test proves."""

    kept: dict[tuple[str, datetime, str, str], Counts] = field(default_factory=dict)

    def add(self, flush: Flush) -> bool:
        minute = flush.minute
        key = (flush.model, minute.at, minute.release, flush.id)
        new = key not in self.kept
        self.kept.setdefault(key, minute.counts)
        return new

    def minutes(self, model: str, since: datetime, until: datetime) -> Sequence[Minute]:
        sums: dict[tuple[datetime, str], Counts] = {}
        seen = set()
        for (whose, at, release, id_), counts in sorted(
            self.kept.items(), key=lambda kept: kept[0]
        ):
            if whose == model and since <= at < until and (release, id_) not in seen:
                seen.add((release, id_))
                sums[at, release] = sums.get((at, release), Counts()) + counts
        return [Minute(at, release, sums[at, release]) for at, release in sorted(sums)]


@dataclass
class FakePlatform:
    """As CloudWatchPlatform; `counted` is what Lambda counted, by function."""

    counted: list[tuple[str, Invoked]] = field(default_factory=list)

    def invoked(
        self, function: str, releases: Sequence[str], since: datetime, until: datetime
    ) -> Sequence[Invoked]:
        found = [
            each
            for whose, each in self.counted
            if whose == function and each.release in releases and since <= each.at < until
        ]
        return sorted(found, key=lambda each: (each.at, each.release))
