"""How far a run is: what a progress bar, a line in a log and a summary are made of."""

from dataclasses import dataclass, field

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
    Counts what comes in. Rows are expected by the size of the partitions, whose rows nobody has
    counted; those that are being computed are in `live`, which the workers count themselves.
    """

    partitions: int
    already: int
    missing: dict[str, int]  # partition by name: its size
    receipts: list[Receipt] = field(default_factory=list)
    failed: int = 0

    def progress(self, live: int, seconds: float) -> Progress:
        """At this moment."""
        rows = sum(each.rows for each in self.receipts)
        return Progress(
            partitions=self.partitions,
            done=self.already + len(self.receipts),
            already=self.already,
            failed=self.failed,
            rows=max(rows, live),
            expected=self._expected(rows),
            seconds=seconds,
        )

    def _expected(self, rows: int) -> int | None:
        size = sum(self.missing.get(each.name, 0) for each in self.receipts)
        return round(rows * sum(self.missing.values()) / size) if size and rows else None


def size(partition: Partition) -> int:
    """In bytes of text or row groups: partitions of one kind can be compared."""
    return partition.last - partition.first
