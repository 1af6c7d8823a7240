"""
A batch run under every schedule: parts done by workers that fail, die, hang and are overtaken.

The state machine, or the pool, gives a part to a worker again until it says that it is done, or
gives up; then the run is repeated. At the end the folder holds the files that an undisturbed run
leaves, byte for byte, and every row is predicted or refused, once.
"""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.proof.steering import Running, Steered, Turn
from tests.proof.worlds import Working
from tests.support.batches import NOW, done_in, refused, results, the_run, written
from tests.support.plain_models import classifier
from tests.support.services import service_of
from wherry.batch.contract import Manifest, Options, Task
from wherry.batch.finishing import finish
from wherry.batch.local_files import LocalFiles
from wherry.batch.partition import run_partition
from wherry.batch.planning import plan
from wherry.errors import CloudError

SERVICE = service_of(classifier())
OPTIONS = Options(id="key", to="jsonl")
ROWS, EVERY = 24, 5  # each fifth row cannot be predicted
PART = 80  # bytes: some three parts
CALLS = ("find", "open", "read", "create", "put")


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    """In memory where there is such a place, for speed; it goes with this process."""
    memory = Path("/dev/shm")
    return tempfile.TemporaryDirectory(
        prefix="wherry-proof-", dir=memory if memory.is_dir() else None
    )


@cache
def folder() -> Path:
    """Of the rows, and of a run that nobody disturbed."""
    home = Path(_scratch().name)
    rows = [
        {"key": n, "size, in cm": "odd" if n % EVERY == 0 else n, "weight": 1}
        for n in range(1, ROWS + 1)
    ]
    written(home / "in/rows.csv", rows)
    source, output = LocalFiles(str(home / "in")), LocalFiles(str(home / "quiet"))
    assert done_in(SERVICE, source, output, OPTIONS, PART).partitions > 2
    return home


def data(output: Path) -> Mapping[str, bytes]:
    """Results and side files: what does not tell the time."""
    found = [*output.glob("part-*"), *output.glob("_wherry/refused/*")]
    return {str(path.relative_to(output)): path.read_bytes() for path in found}


class BatchWorld(Working):
    """One run, its workers, and all that may go wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.output = Path(tempfile.mkdtemp(dir=folder()))
        self.source = LocalFiles(str(folder() / "in"))
        self.files = LocalFiles(str(self.output))
        self.steered = Steered(self.files, *CALLS)

    @initialize()
    def begin(self) -> None:
        """Planned, without which nothing can be done; a plan that dies is repeated."""
        self.tasks = self._planned(self.files)

    @rule(turns=st.lists(st.sampled_from([Turn.works, *Turn]), max_size=8))
    def plan_again(self, turns: list[Turn]) -> None:
        """A second start of the same run, by whoever lost the first one's reply."""
        planning = Running(lambda: self._tried(lambda: self._planned(self.steered)))
        planning.steps(turns)
        planning.kill()

    @precondition(lambda self: self.has_room)
    @rule(which=st.integers(0, 9))
    def start(self, which: int) -> None:
        task = self.tasks[which % len(self.tasks)]
        self.running.append(Running(lambda: self._tried(lambda: self._do(task))))

    @rule()
    def count(self) -> None:
        """A manifest that is asked for too early says that it is one."""
        told = finish(self.files, NOW)
        assert told.rows == told.predicted + told.refused
        assert told.complete is (told.rows == ROWS)

    def teardown(self) -> None:
        """Nothing goes wrong any more: the run is repeated, and comes to its end."""
        try:
            if hasattr(self, "tasks"):
                self._end()
        finally:
            shutil.rmtree(self.output)

    def _end(self) -> None:
        Random(len(self.running)).shuffle(self.running)  # noqa: S311
        for each in self.running:
            each.finish()
        for task in self.tasks:
            run_partition(SERVICE, self.source, self.files, task)
        self._check(finish(self.files, NOW))

    def _check(self, told: Manifest) -> None:
        wrong = ROWS // EVERY
        assert told.complete
        assert (told.rows, told.predicted, told.refused) == (ROWS, ROWS - wrong, wrong)
        keys = [row["key"] for row in results(self.output, told)]
        keys += [int(line["id"]) for line in refused(self.output)]
        assert sorted(map(int, keys)) == list(range(1, ROWS + 1))
        assert data(self.output) == data(folder() / "quiet")

    def _planned(self, files: LocalFiles | Steered) -> list[Task]:
        run = the_run(SERVICE, self.source, self.files, OPTIONS)
        run, parts = plan(SERVICE, self.source, files, run, part_bytes=PART)
        return [Task(run=run, partition=part) for part in parts]

    def _do(self, task: Task) -> None:
        run_partition(SERVICE, self.source, self.steered, task)

    def _tried(self, do: Callable[[], object]) -> None:
        """What fails is given to another, later."""
        with suppress(CloudError):
            do()
