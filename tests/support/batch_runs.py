"""Batch runs in memory: a run as planned, the executions of a state machine, a schedule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from wherry.batch.contract import Manifest, Options, Partition, Receipt, Run
from wherry.errors import CloudError
from wherry.pinned import Pinned
from wherry_control.batch.runs import CANCELLED, RUNNING, Counts, Execution
from wherry_control.batch.schedule import Schedule

BEGAN = datetime(2026, 11, 26, 6, 0, tzinfo=UTC)
DIGEST = f"sha256:{7:064x}"
ID = f"{0xABC:064x}"
RUN = Run(
    id=ID,
    model="iris",
    pinned=Pinned("3", 2, DIGEST),
    input="s3://data/in/",
    output="s3://data/out",
    options=Options(),
)


def partitions(*names: str, size: int = 100) -> list[Partition]:
    """One object each."""
    return [
        Partition(
            name=name, source=f"{name}.csv", etag="e", size=size, format="csv", first=0, last=size
        )
        for name in names
    ]


def receipt(name: str, rows: int = 10) -> Receipt:
    """All its rows were predicted."""
    return Receipt(name=name, rows=rows, predicted=rows, refused=0, results=f"part-{name}.csv")


def manifest(**changes: Any) -> Manifest:
    """Of a run that is complete, with 2 rows of 12 refused."""
    told: dict[str, Any] = {
        "run": RUN,
        "complete": True,
        "partitions": 3,
        "missing": 0,
        "rows": 12,
        "predicted": 10,
        "refused": 2,
        "started": BEGAN.isoformat(),
        "ended": (BEGAN + timedelta(seconds=6)).isoformat(),
        "seconds": 6.0,
        "busy_seconds": 12.0,
        "cost": 0.25,
    }
    return Manifest(**{**told, **changes})


@dataclass
class Kept:
    """One execution of the fake."""

    execution: Execution
    counts: Counts | None = None
    failed: Sequence[Execution] = ()


class FakeRuns:
    """The executions of one state machine, which does nothing: a test says how they go on."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}

    def start(self, name: str, told: Mapping[str, Any]) -> bool:
        """See Runs."""
        if name in self.kept:
            return False
        started = BEGAN + timedelta(minutes=len(self.kept))
        self.kept[name] = Kept(Execution(name, RUNNING, started, input=dict(told)))
        return True

    def list(self) -> list[Execution]:
        """See Runs."""
        found = [replace(each.execution, input={}) for each in self.kept.values()]
        return sorted(found, key=lambda each: each.started, reverse=True)

    def find(self, name: str) -> Execution | None:
        """See Runs."""
        return self.kept[name].execution if name in self.kept else None

    def counts(self, name: str) -> Counts | None:
        """See Runs."""
        return self.kept[name].counts

    def failed(self, name: str) -> Sequence[Execution]:
        """See Runs."""
        return self.kept[name].failed

    def stop(self, name: str, why: str) -> None:
        """See Runs."""
        if name not in self.kept:
            raise CloudError(name, "there is no such execution")
        if self.kept[name].execution.is_running:
            self.end(name, CANCELLED, "Cancelled", why)

    def end(self, name: str, status: str, error: str = "", cause: str = "") -> None:
        """What the state machine would come to."""
        kept = self.kept[name]
        ended = kept.execution.started + timedelta(seconds=30)
        kept.execution = replace(
            kept.execution, status=status, ended=ended, error=error, cause=cause
        )


class FakeSchedules:
    """Schedules by name."""

    def __init__(self, *kept: Schedule) -> None:
        self._kept = {each.name: each for each in kept}

    def find(self, name: str) -> Schedule | None:
        """See Schedules."""
        return self._kept.get(name)

    def switch(self, name: str, *, enabled: bool) -> None:
        """See Schedules."""
        self._kept[name] = replace(self._kept[name], enabled=enabled)
