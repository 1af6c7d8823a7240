"""Runs on AWS: begun once, followed to the end, told in words; and the fakes keep the contracts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.batch_contract import RunsContract, Scheduled, SchedulesContract
from tests.support.batch_runs import BEGAN, ID, FakeRuns, FakeSchedules
from wherry.errors import CloudError, ModelError, RefusedError, UsageError, WherryError
from wherry_control.batch.following import failure, follow, found
from wherry_control.batch.progress import Progress
from wherry_control.batch.runs import Counts, Execution, StepFunctionsRuns
from wherry_control.batch.schedule import Schedule, schedule_of, switched
from wherry_control.batch.starting import Begun, begin, stem_of

TOLD: dict[str, Any] = {"input": "s3://data/in/"}
STEM = stem_of(ID)
DAILY = Schedule(
    name="wherry-dev-iris-batch",
    expression="cron(0 3 * * ? *)",
    timezone="Europe/Berlin",
    enabled=True,
    since=BEGAN,
    input={"output": "s3://data/out/<aws.scheduler.scheduled-time>/"},
)


class TestFakeRuns(RunsContract):
    @pytest.fixture
    def runs(self) -> FakeRuns:
        return FakeRuns()


class TestFakeSchedules(SchedulesContract):
    @pytest.fixture
    def scheduled(self) -> Scheduled:
        return Scheduled(FakeSchedules(DAILY), DAILY.name)


def test_a_run_that_is_asked_for_twice_is_begun_once() -> None:
    runs = FakeRuns()

    first, second = begin(runs, ID, TOLD), begin(runs, ID, TOLD)

    assert first == Begun(f"{STEM}-1", attached=False)
    assert second == Begun(f"{STEM}-1", attached=True)
    assert len(runs.kept) == 1


@pytest.mark.parametrize("status", ["failed", "cancelled", "timed_out", "succeeded"])
def test_a_run_that_has_ended_is_begun_anew(status: str) -> None:
    runs = FakeRuns()
    runs.end(begin(runs, ID, TOLD).name, status)

    assert begin(runs, ID, TOLD) == Begun(f"{STEM}-2", attached=False)


def test_another_run_is_no_part_of_it() -> None:
    runs = FakeRuns()
    begin(runs, f"{0xDEF:064x}"[::-1], TOLD)

    assert begin(runs, ID, TOLD).name == f"{STEM}-1"


class Behind(FakeRuns):
    """AWS lists executions a moment late."""

    def list(self) -> list[Execution]:
        return []


def test_a_list_that_is_behind_starts_nothing_twice() -> None:
    runs = Behind()
    runs.start(f"{STEM}-1", TOLD)

    assert begin(runs, ID, TOLD) == Begun(f"{STEM}-1", attached=True)


def test_a_list_that_is_behind_hides_no_run_that_has_ended() -> None:
    runs = Behind()
    runs.start(f"{STEM}-1", TOLD)
    runs.end(f"{STEM}-1", "failed")

    assert begin(runs, ID, TOLD) == Begun(f"{STEM}-2", attached=False)


def test_the_name_of_an_execution_is_one_that_aws_takes() -> None:
    assert len(f"{stem_of(f'sha256:{ID}')}-999999999") <= 80
    assert stem_of(f"sha256:{ID}") == STEM


def steps(*told: Callable[[], None]) -> Callable[[float], None]:
    """A sleep in which the next of these happens."""
    waiting = iter(told)
    return lambda _: next(waiting)()


def test_a_run_is_followed_to_its_end_whatever_it_is() -> None:
    runs, heard = FakeRuns(), list[Progress]()
    runs.start("a-1", TOLD)

    def share_out() -> None:
        runs.kept["a-1"].counts = Counts(total=4, succeeded=1, failed=0, running=2)

    def fail() -> None:
        runs.kept["a-1"].counts = Counts(total=4, succeeded=3, failed=1, running=0)
        runs.end("a-1", "failed", "Incomplete", "1 part")

    ended = follow(
        lambda: found(runs, "a-1", "iris"),
        runs,
        heard.append,
        steps(share_out, fail),
        lambda: BEGAN + timedelta(seconds=5),
    )

    assert (ended.status, ended.why) == ("failed", "Incomplete: 1 part")
    assert [(each.done, each.failed, each.partitions) for each in heard] == [(1, 0, 4), (3, 1, 4)]
    assert [each.seconds for each in heard] == [5, 30]


def test_a_run_is_found_by_what_only_its_name_begins_with() -> None:
    runs = FakeRuns()
    for name in ("abc-1", "abc-12", "abd-1"):
        runs.start(name, TOLD)

    assert found(runs, "abc-1", "iris").name == "abc-1"
    assert found(runs, "abd", "iris").name == "abd-1"
    with pytest.raises(UsageError, match="2 runs of iris begin so"):
        found(runs, "abc", "iris")


@pytest.mark.parametrize("name", ["", "b-1"])
def test_no_run_is_found_by_nothing_or_by_how_it_ends(name: str) -> None:
    runs = FakeRuns()
    runs.start("ab-1", TOLD)

    with pytest.raises(CloudError, match="no such run"):
        found(runs, name, "iris")


def test_a_run_that_is_not_there_is_told_with_what_lists_them() -> None:
    with pytest.raises(CloudError, match=r"no such run.*`wherry batch list iris`"):
        found(FakeRuns(), "nobody", "iris")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("RefusedError", RefusedError),
        ("UsageError", UsageError),
        ("States.Timeout", CloudError),
        ("ModelError", ModelError),
        ("annotations", CloudError),
        ("", CloudError),
    ],
)
def test_a_run_that_came_to_nothing_fails_as_its_function_did(
    error: str, kind: type[WherryError]
) -> None:
    """So that the exit code says whether another try may help."""
    ended = Execution("a-1", "failed", BEGAN, error=error, cause="nothing is there. Look")

    told = failure(ended, "/aws/lambda/iris-batch")

    ours = error == kind.__name__
    named = f"{error}: " if error and not ours else ""
    assert type(told) is kind
    assert told.what == f"{named}nothing is there. Look"
    assert told.todo == ("" if ours else "The log group /aws/lambda/iris-batch may say more.")


@pytest.mark.parametrize(
    ("status", "error", "cause", "todo"),
    [
        ("cancelled", "Cancelled", "enough", "The same command goes on from there."),
        ("failed", "CloudError", "s3://other: access denied. Allow it", "`read` and `write`"),
    ],
)
def test_what_the_cause_does_not_tell_to_do_is_told_with_it(
    status: str, error: str, cause: str, todo: str
) -> None:
    ended = Execution("a-1", status, BEGAN, error=error, cause=cause)

    assert todo in failure(ended, "/aws/lambda/iris-batch").todo


class Answers:
    """As much of boto3's client as one question needs."""

    def __init__(self, **told: Any) -> None:
        self._told = told

    def describe_execution(self, **_: Any) -> dict[str, Any]:
        return {"name": "a-1", "status": "FAILED", "startDate": BEGAN, **self._told}


@pytest.mark.parametrize(
    ("cause", "wanted"),
    [
        ('{"errorMessage": "s3: gone", "errorType": "CloudError", "stackTrace": []}', "s3: gone"),
        ("1 part is missing", "1 part is missing"),
        ('["a"]', '["a"]'),
    ],
)
def test_what_a_function_raised_is_told_without_its_traceback(cause: str, wanted: str) -> None:
    runs = StepFunctionsRuns(Answers(error="CloudError", cause=cause), "arn:stateMachine:m")

    told = runs.find("a-1")

    assert told is not None
    assert (told.kind, told.why) == (CloudError, wanted)


def test_an_error_that_is_none_of_ours_is_told_by_its_name_too() -> None:
    runs = StepFunctionsRuns(Answers(error="States.Timeout", cause="60 s"), "arn:stateMachine:m")

    told = runs.find("a-1")

    assert told is not None
    assert (told.kind, told.why) == (None, "States.Timeout: 60 s")


def test_a_schedule_is_switched_once_and_not_by_a_dry_run() -> None:
    schedules = FakeSchedules(DAILY)

    told = switched(schedules, DAILY, enabled=False, dry_run=True)
    assert not told.enabled
    assert schedules.find(DAILY.name) == DAILY

    switched(schedules, DAILY, enabled=False, dry_run=False)
    assert schedule_of(schedules, DAILY.name, "iris") == replace(DAILY, enabled=False)


def test_a_model_without_a_schedule_is_told_how_to_get_one() -> None:
    with pytest.raises(CloudError, match=r"iris has no schedule.*\[batch\.schedule\]"):
        schedule_of(FakeSchedules(), "wherry-dev-iris-batch", "iris")


def test_a_schedule_that_is_paused_has_no_next_run() -> None:
    now = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)

    assert DAILY.next_runs(now, 1) == (datetime(2026, 11, 27, 2, 0, tzinfo=UTC),)
    assert replace(DAILY, enabled=False).next_runs(now) == ()
