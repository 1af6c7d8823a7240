"""How far a run is: what a progress bar, a line in a log and a summary are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from wherry.batch.contract import Partition, Receipt


@dataclass(frozen=True)
class Progress:
    """
    Partitions done of all; `already` were there before. `rows` are those of this turn, `expected`
    how many they will be, as far as the partitions that are done tell; `failed` were given up.
    """

    partitions: int
    done: int
    already: int
    failed: int
    rows: int
    expected: int | None
    seconds: float

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds if self.seconds > 0 else 0.0

    @property
    def left(self) -> float | None:
        """Seconds, if it goes on like this; None where nothing tells yet."""
        if self.expected is None or not self.rows:
            return None
        return max(0.0, (self.expected - self.rows) / self.rate)


@dataclass
class Tally:
    """
    Counts what comes in. How many rows there will be is told by the partitions, or reckoned from
    their sizes and those that are done.
    """

    partitions: int
    already: int
    sizes: dict[str, int]  # of the missing partitions, by name
    rows: int | None
    receipts: list[Receipt] = field(default_factory=list)
    failed: int = 0

    @classmethod
    def of(cls, partitions: int, missing: Sequence[Partition]) -> Self:
        """Of so many, these are missing."""
        told = all(each.rows for each in missing)
        return cls(
            partitions=partitions,
            already=partitions - len(missing),
            sizes={each.name: each.last - each.first for each in missing},
            rows=sum(each.rows for each in missing) if told else None,
        )

    def progress(self, live: int, seconds: float) -> Progress:
        """At this moment; `live` is how many rows the workers have computed."""
        rows = sum(each.rows for each in self.receipts)
        return Progress(
            partitions=self.partitions,
            done=self.already + len(self.receipts),
            already=self.already,
            failed=self.failed,
            rows=max(rows, live),
            expected=self.rows if self.rows is not None else self._reckoned(rows),
            seconds=seconds,
        )

    def _reckoned(self, rows: int) -> int | None:
        size = sum(self.sizes[each.name] for each in self.receipts)
        return round(rows * sum(self.sizes.values()) / size) if size and rows else None
