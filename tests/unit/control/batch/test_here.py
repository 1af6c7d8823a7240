"""A turn on this machine: what is missing is done, tried again, given up, told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.support.batch_runs import BEGAN, RUN, manifest, partitions, receipt
from wherry.batch.contract import Receipt, Task
from wherry.batch.costs import cost
from wherry.errors import (
    ArtifactError,
    CloudError,
    ModelError,
    RefusedError,
    RequestError,
    WherryError,
)
from wherry_control.batch.here import Here, Turn, in_this_process
from wherry_control.batch.progress import Progress, Tally
from wherry_control.batch.runs import Execution
from wherry_control.batch.summary import of_execution, of_turn
from wherry_control.batch.trying import RETRIES, Failed, attempt

TASK = Task(run=RUN, partition=partitions("a")[0])


class Scripted:
    """Raises what it is told to, once each, and then does the partition."""

    def __init__(self, *raised: BaseException, bad: tuple[str, ...] = ()) -> None:
        self.raised, self.bad, self.done = list(raised), bad, list[str]()

    def __call__(self, task: Task, count: Callable[[int], None]) -> Receipt:
        if task.partition.name in self.bad:
            raise RequestError(task.partition.source, "no column x")
        if self.raised:
            raise self.raised.pop(0)
        count(6)
        count(4)
        self.done.append(task.partition.name)
        return receipt(task.partition.name)


def tasks(*names: str) -> list[Task]:
    return [Task(run=RUN, partition=each) for each in partitions(*names)]


def ignored(_: object) -> None:
    """Nobody listens."""


def here(work: Scripted, told: list[Progress] | None = None, **changes: Any) -> Here:
    ticks = iter(range(1000))
    settings: dict[str, Any] = {
        "do": in_this_process(work),
        "tolerated": 0,
        "tell": told.append if told is not None else ignored,
        "clock": lambda: float(next(ticks)),
    }
    return Here(**{**settings, **changes})


def turn(work: Scripted, *names: str, done: tuple[str, ...] = (), **changes: Any) -> Turn:
    return here(work, **changes).turn(tasks(*names), done)


@pytest.mark.parametrize("passing", [CloudError("s3", "slow down"), OSError("gone"), MemoryError()])
def test_what_may_pass_is_tried_again_with_longer_and_longer_waits(passing: Exception) -> None:
    slept: list[float] = []

    told = attempt(Scripted(*[passing] * RETRIES), TASK, ignored, slept.append)

    assert told == receipt("a")
    assert slept == [1, 2, 4]


def test_what_does_not_pass_is_given_up_with_its_reason() -> None:
    work = Scripted(*[CloudError("s3", "slow down")] * (RETRIES + 1))

    told = attempt(work, TASK, ignored, ignored)

    assert told == Failed("a", "a.csv", "s3: slow down")


@pytest.mark.parametrize("kind", [RequestError, RefusedError, ModelError])
def test_what_will_not_pass_is_not_tried_again(kind: type[WherryError]) -> None:
    work = Scripted(kind("a.csv", "it has changed"))

    told = attempt(work, TASK, ignored, lambda _: pytest.fail("waited"))

    assert told == Failed("a", "a.csv", "a.csv: it has changed", lasting=True)


@pytest.mark.parametrize("error", [ArtifactError("model", "altered"), KeyError("a bug")])
def test_what_would_befall_every_partition_ends_the_run(error: Exception) -> None:
    with pytest.raises(type(error)):
        turn(Scripted(error), "a", "b")


def test_only_what_is_missing_is_done() -> None:
    work = Scripted()

    told = turn(work, "a", "b", "c", done=("b",))

    assert work.done == ["a", "c"]
    assert (told.progress.done, told.progress.already, told.progress.rows) == (3, 1, 20)
    assert not told.stopped


def test_a_run_that_is_done_has_nothing_to_do() -> None:
    told = turn(Scripted(ArtifactError("model", "loaded")), "a", done=("a",))

    assert (told.progress.done, told.progress.rows, told.stopped) == (1, 0, False)


def test_the_first_failure_ends_the_turn_where_none_is_tolerated() -> None:
    work = Scripted(bad=("b",))

    told = turn(work, "a", "b", "c")

    assert work.done == ["a"]
    assert [each.name for each in told.failed] == ["b"]
    assert told.stopped


def test_as_many_may_fail_as_are_tolerated() -> None:
    work = Scripted(bad=("b", "d"))

    told = turn(work, "a", "b", "c", "d", "e", tolerated=40)

    assert work.done == ["a", "c", "e"]
    assert [each.name for each in told.failed] == ["b", "d"]
    assert not told.stopped


def test_rows_are_told_while_they_are_computed() -> None:
    told: list[Progress] = []

    here(Scripted(), told).turn(tasks("a", "b"), ())

    assert [(each.rows, each.done) for each in told] == [
        (6, 0), (10, 0), (10, 1), (16, 1), (20, 1), (20, 2),
    ]  # fmt: skip


def test_rows_are_expected_by_the_size_of_what_is_done() -> None:
    parts = [*partitions("a", "b", size=100), *partitions("c", size=200)]
    tally = Tally.of(4, parts)
    assert tally.progress(0, 1.0).expected is None

    tally.receipts.append(receipt("a", rows=50))
    told = tally.progress(60, 2.0)

    assert (told.expected, told.rate) == (200, 30.0)
    assert told.left == pytest.approx(140 / 30)


def test_rows_that_the_plan_tells_are_expected_from_the_start() -> None:
    parts = [structs.replace(each, rows=70) for each in partitions("a", "b")]

    assert Tally.of(3, parts).progress(0, 1.0).expected == 140


def test_the_summary_of_a_turn_counts_its_own_rows_a_second() -> None:
    progress = Progress(
        partitions=3, done=3, already=2, failed=0, rows=100, expected=100, seconds=4
    )

    told = of_turn(manifest(), Turn(progress, (), stopped=False))

    assert (told.rows, told.predicted, told.refused) == (12, 10, 2)
    assert (told.already, told.seconds, told.rows_per_second, told.cost) == (2, 4, 25, 0)
    assert told.refused_rows == "s3://data/out/_wherry/refused/"


def test_a_run_on_aws_took_and_cost_what_its_manifest_says() -> None:
    did_all = Execution("abc-1", "succeeded", BEGAN, BEGAN + timedelta(seconds=7))

    told = of_execution(manifest(refused=0, predicted=12, cost=0.5), did_all)

    assert (told.seconds, told.rows_per_second, told.refused_rows) == (6, 2, "")
    assert told.cost == 0.5


def test_a_manifest_of_before_it_told_seconds_leaves_them_to_the_execution() -> None:
    did_all = Execution("abc-1", "succeeded", BEGAN, BEGAN + timedelta(seconds=8))

    told = of_execution(manifest(seconds=0.0), did_all)

    assert (told.seconds, told.rows_per_second) == (8, 1.5)


def test_a_run_on_aws_costs_what_its_workers_were_busy() -> None:
    assert cost(12.0, 3, 1024) == pytest.approx(12 * 0.0000166667 + 5 * 2e-7 + 11 * 2.5e-5)


def test_an_execution_that_did_the_rest_of_a_run_has_no_rate() -> None:
    later = BEGAN + timedelta(days=1)
    did_the_rest = Execution("abc-2", "succeeded", later, later + timedelta(seconds=3))

    told = of_execution(manifest(), did_the_rest)

    assert (told.seconds, told.rows_per_second, told.cost) == (3, 0, 0.25)
