"""A whole run on this machine: planned as on AWS, done by a turn, and counted at its end."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from wherry.batch.contract import NO_DRIFT, RECEIPTS, Drift, Options, Run, Task
from wherry.batch.drift import drift
from wherry.batch.files import Files, open_files
from wherry.batch.finishing import finish
from wherry.batch.folders import stored_run
from wherry.batch.planning import new_run, plan
from wherry.pinned import Pinned
from wherry.service import Service, load_service
from wherry.settings import Settings
from wherry_control.batch.here import Doing, Here, in_a_pool, in_this_process
from wherry_control.batch.progress import Progress
from wherry_control.batch.summary import Summary, of_turn
from wherry_control.batch.unwritten import Unwritten
from wherry_control.batch.worker import Answering, with_threads

ROW_BYTES = 64  # of a row that was not read, about
SMALL = 64 << 20  # a million short rows: 2.4 s in one process with two threads, 3.7 s in two


@dataclass(frozen=True)
class Places:
    """Where the rows are, and where the answers go; and how both are written."""

    input: str
    output: str
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class Planned:
    """The tasks of a run, the names of those that are done, and what of the input is in none."""

    tasks: list[Task]
    done: set[str]
    drift: Drift = NO_DRIFT

    @property
    def missing(self) -> int:
        return len(self.tasks) - len(self.done)

    def processes(self, cores: int) -> int:
        """How many pay: below so much, to start others takes longer than they save."""
        missing = [each.partition for each in self.tasks if each.partition.name not in self.done]
        size = sum(each.rows * ROW_BYTES or each.last - each.first for each in missing)
        return min(cores, len(missing)) if size > SMALL else 1


@dataclass(frozen=True, kw_only=True)
class LocalRun:
    """One release over one data set, by `cores`, in so many `workers` or as many as pay."""

    settings: Settings
    places: Places
    cores: int
    workers: int | None
    clock: Callable[[], datetime]

    def intent(self) -> Planned:
        """What there is to do; nothing is written."""
        return self._planned(Unwritten(self._outputs), self._loaded())

    def __call__(self, tolerated: int, tell: Callable[[Progress], None]) -> Summary:
        """Do what is missing; `tolerated` percent of the partitions may fail."""
        planned, do = self._begun()
        turn = Here(do=do, tolerated=tolerated, tell=tell).turn(planned.tasks, planned.done)
        return of_turn(finish(self._outputs, self.clock()), turn, planned.drift)

    @property
    def _outputs(self) -> Files:
        return open_files(self.places.output, os.environ)

    def _loaded(self) -> Service:
        return load_service(with_threads(self.settings, self.cores))

    def _begun(self) -> tuple[Planned, Doing]:
        """The service that plans also answers, if one is enough; else it goes, and others come."""
        service = self._loaded()
        planned = self._planned(self._outputs, service)
        workers = min(self.workers or planned.processes(self.cores), planned.missing)
        if workers > 1:
            threads = max(1, self.cores // workers)
            return planned, in_a_pool(Answering(self.settings, threads), workers)
        return planned, in_this_process(Answering(self.settings, self.cores, service))

    def _planned(self, outputs: Files, service: Service) -> Planned:
        inputs = open_files(self.places.input, os.environ)
        told = self.settings
        pinned = Pinned(told.release, told.model_version, told.digest)
        run = run_of(told.model, pinned, self.places, self.clock())
        is_resumed = stored_run(outputs) is not None
        run, partitions = plan(service, inputs, outputs, run)
        since = drift(service, inputs, run, partitions) if is_resumed else NO_DRIFT
        tasks = [Task(run=run, partition=each) for each in partitions]
        return Planned(tasks, {each.name for each in partitions} & done(outputs), since)


def run_of(model: str, pinned: Pinned, places: Places, now: datetime) -> Run:
    """The run that this release and these places make, wherever it is done."""
    addresses = (address(places.input), address(places.output))
    started = now.isoformat(timespec="seconds")
    return new_run(pinned, model, addresses, places.options, started)


def address(place: str) -> str:
    """As a run has it."""
    return open_files(place, os.environ).address()


def done(outputs: Files) -> set[str]:
    """The names of the partitions whose receipts are there."""
    return {PurePosixPath(each.key).stem for each in outputs.entries(RECEIPTS)}
