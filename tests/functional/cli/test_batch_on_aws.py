"""`wherry batch` against a local AWS: begun, found again, followed, cancelled; its schedule."""

import json
from collections.abc import Iterator

import boto3
import pytest

from tests.support.batch_aws import NAMES, ROLE, Aws
from tests.support.emulated import local_aws
from tests.support.project import Project


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    project = Project.copy(tmp_path_factory.mktemp("batch") / "checkout")
    with local_aws(project.root / ".wherry" / "local"):
        yield Aws(project)


SUCCEED = {"Type": "Succeed"}
INCOMPLETE = {"Type": "Fail", "Error": "Incomplete", "Cause": "1 part is missing"}
BOUND, UNBOUND = ("--part-rows", "9"), ("--part-rows", "0")
WAIT = {"Type": "Wait", "Seconds": 300, "Next": "S1"}


def test_a_run_on_aws_is_pinned_to_what_is_live_and_tells_its_manifest(aws: Aws) -> None:
    aws.machine(SUCCEED)
    aws.leave("one")

    told = aws.run("one", "--keep", "a, b", "--tolerated", "5", "--json")

    assert told.code == 0, told.err
    come = told.json
    assert (come["rows"], come["predicted"], come["refused"]) == (12, 10, 2)
    assert come["execution"].endswith("-1")
    assert come["cost"] > 0
    status = aws.project.wherry("batch", "status", "iris", come["execution"])
    assert status["execution"]["input"] == {
        "input": "s3://data/in",
        "output": "s3://data/one",
        "options": {"keep": ["a", "b"]},
        "release": "1",
        "version": 1,
        "digest": f"sha256:{1:064x}",
        "tolerated_percent": 5,
    }
    assert status["summary"] == come


def test_a_version_is_pinned_by_its_newest_release(aws: Aws) -> None:
    aws.machine(SUCCEED)

    told = aws.run("two", "--version", "2", "--dry-run", "--json")
    assert (told.json["release"], told.json["version"]) == ("2", 2)

    absent = aws.run("two", "--version", "3")
    assert absent.code == 2
    assert "no release of wherry-dev-iris serves version 3" in absent.err


def test_an_incomplete_run_exits_with_1_and_the_next_one_is_begun_anew(aws: Aws) -> None:
    aws.machine(INCOMPLETE)
    aws.leave("three", complete=False, missing=1)

    first, second = aws.run("three"), aws.run("three", "--json")

    assert (first.code, second.code) == (1, 1)
    assert "1 part is missing: the same command does only what is missing." in first.out
    assert second.json["execution"].endswith("-2")
    failed = aws.project.run("batch", "status", "iris", second.json["execution"])
    assert "why: Incomplete: 1 part is missing" in failed.out


def test_a_part_that_ran_into_the_time_limit_is_told_with_what_to_do(aws: Aws) -> None:
    aws.machine(
        {"Type": "Pass", "Result": [{"partition": {"source": "s3://data/in/a.csv"}}],
         "ResultPath": "$.parts", "Next": "S1"},
        {"Type": "Map", "Label": "Parts", "ItemsPath": "$.parts", "Next": "S2",
         "ItemProcessor": {
             "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
             "StartAt": "Part",
             "States": {"Part": {"Type": "Fail", "Error": "Sandbox.Timedout", "Cause": "Task …"}},
         },
         "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "S2"}]},
        INCOMPLETE,
    )  # fmt: skip
    aws.leave("late", complete=False, missing=1)

    told = aws.run("late")

    assert told.code == 1
    shown = " ".join(told.out.split())
    assert "failed: s3://data/in/a.csv: it ran into the time limit" in shown
    assert "--part-rows" in shown
    assert "the same command" not in shown


def test_the_rows_of_a_part_are_bounded_by_the_option_or_the_model(aws: Aws) -> None:
    file = aws.project.root / "models/iris/model.toml"
    before = file.read_text()
    file.write_text(f"{before}\n[batch]\npart_rows = 500\n")

    told = [aws.run("seven", "--dry-run", "--json", *each).json for each in ((), BOUND, UNBOUND)]

    file.write_text(before)
    rows = [each["options"]["part_rows"] for each in told]
    assert rows == [500, 9, 0]  # which the function would else take from the model


def test_a_run_that_ended_without_a_manifest_is_an_error_that_says_why(aws: Aws) -> None:
    aws.machine({"Type": "Fail", "Error": "RefusedError", "Cause": "nothing is there"})

    told = aws.run("four")

    assert told.code == 3
    assert ": nothing is there" in told.err
    assert "RefusedError" not in told.err
    assert "→" not in told.err


def test_a_run_that_is_waited_for_is_not_asked_to_be_looked_at(aws: Aws) -> None:
    aws.machine(SUCCEED)
    aws.leave("six")

    waited, left = aws.run("six"), aws.run("six", "--no-wait")

    assert ": started" in waited.err
    assert "Look at it" not in waited.err + waited.out
    assert "Look at it" in left.out


def test_runs_are_listed_with_where_they_wrote_and_how_many_rows(aws: Aws) -> None:
    aws.machine(SUCCEED)
    aws.leave("seven")
    name = aws.run("seven", "--json").json["execution"]
    aws.run("eight", "--no-wait")

    found = aws.project.wherry("batch", "list", "iris", "--most", "2")
    shown = aws.project.run("batch", "list", "iris", "--most", "2")

    assert [each["output"] for each in found] == ["s3://data/eight", "s3://data/seven"]
    assert (found[1]["name"], found[1]["input"]) == (name, "s3://data/in")
    assert [each["rows"] for each in found] == [None, 12]
    assert "s3://data/seven" in shown.out
    assert "older ones: `--most" in shown.out
    assert all(len(line) <= 80 for line in shown.out.splitlines())


@pytest.mark.parametrize("words", [("list", "churn"), ("list", "churn", "--json")])
def test_of_a_model_without_batch_runs_none_are_listed(aws: Aws, words: tuple[str, ...]) -> None:
    told = aws.project.run("batch", *words)

    assert told.code == 1
    assert "the model is not deployed, or has no [batch]" in told.err


def test_a_run_can_be_left_alone_found_again_and_cancelled(aws: Aws) -> None:
    aws.machine(WAIT, SUCCEED)

    begun = aws.run("five", "--no-wait", "--json").json
    again = aws.run("five", "--no-wait", "--json").json
    listed = aws.project.wherry("batch", "list", "iris")
    shown = aws.project.run("batch", "cancel", "iris", begun["name"], "--dry-run")
    still = aws.project.wherry("batch", "status", "iris", begun["name"][:9])
    done = aws.project.run("batch", "cancel", "iris", begun["name"])
    ended = aws.project.wherry("batch", "status", "iris", begun["name"])

    assert (begun["attached"], again) == (False, {"name": begun["name"], "attached": True})
    assert listed[0]["name"] == begun["name"]
    assert "would be cancelled" in shown.out
    assert still["execution"]["status"] == "running"
    assert "cancelled; what is done stays done" in done.out
    assert ended["execution"]["status"] == "cancelled"


def test_a_schedule_is_shown_paused_and_resumed(aws: Aws) -> None:
    words = ("batch", "schedule", "iris")
    absent = aws.project.run(*words)
    boto3.client("scheduler").create_schedule(
        Name=NAMES[1],
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": ROLE, "RoleArn": ROLE, "Input": json.dumps({"input": "s3://data/in/"})},
    )

    on = aws.project.wherry(*words)
    shown = aws.project.wherry(*words, "--pause", "--dry-run")
    still = aws.project.wherry(*words)
    paused = aws.project.run(*words, "--pause")
    resumed = aws.project.wherry(*words, "--resume")
    both = aws.project.run(*words, "--pause", "--resume")

    assert absent.code == 1
    assert "iris has no schedule on this AWS" in absent.err
    assert (on["schedule"]["enabled"], len(on["next_runs"])) == (True, 3)
    assert (shown["schedule"]["enabled"], still) == (False, on)
    assert "paused" in paused.out
    assert resumed == on
    assert both.code == 2
    assert "--resume is given as well" in both.err
