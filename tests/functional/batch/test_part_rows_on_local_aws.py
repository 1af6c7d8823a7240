"""A run on S3 whose parts have few rows, as the states of the state machine ask for it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from boto3 import Session

from tests.support.batches import NOW, written
from tests.support.emulated import local_aws
from tests.support.plain_models import several
from tests.support.services import service_of
from wherry.batch.actions import PART_ROWS, Actions
from wherry.errors import RefusedError, UsageError
from wherry.pinned import Fixed, Pinned, Services
from wherry.settings import Settings

ARTIFACT = several({"x": "FP32"})
SERVICE = service_of(ARTIFACT)
FORMATS = ("csv", "jsonl", "parquet")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with local_aws(tmp_path_factory.mktemp("local")) as told:
        yield told


def _actions(environment: Mapping[str, str]) -> Actions:
    settings = Settings(model="few", model_version=1, digest=ARTIFACT.digest, store="unused")
    services = Services(settings, lambda _: SERVICE)
    pinned = Pinned("7", 1, ARTIFACT.digest)
    return Actions("few", services, lambda: Fixed(pinned), environment, lambda: NOW)


def _planned(environment: Mapping[str, str], own: str, to: str, **options: int) -> list[int]:
    """Rows of the parts of a run of the model whose own bound is `own`."""
    actions = _actions({**environment, PART_ROWS: own} if own else environment)
    told = actions.do({"do": "plan", "input": "s3://cut/in/", "output": to, "options": options})
    s3 = Session(region_name=environment["AWS_REGION"]).client("s3")
    plan = s3.get_object(Bucket=told["bucket"], Key=told["key"])["Body"].read()
    return [json.loads(line)["partition"]["rows"] for line in plan.splitlines()]


@pytest.fixture(scope="module")
def cut(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """With a bucket that has ten rows in it."""
    s3 = Session(region_name=environment["AWS_REGION"]).client("s3")
    s3.create_bucket(Bucket="cut")
    file = written(tmp_path_factory.mktemp("cut") / "a.csv", [{"x": n} for n in range(10)])
    s3.put_object(Bucket="cut", Key="in/a.csv", Body=file.read_bytes())
    return environment


@pytest.mark.parametrize(
    ("own", "options", "rows"),
    [
        ("4", {}, [4, 4, 2]),
        ("4", {"part_rows": 6}, [6, 4]),
        ("4", {"part_rows": 0}, [0]),
        ("", {}, [0]),
    ],
)
def test_whoever_starts_a_run_has_it_cut_as_the_model_says_unless_he_says(
    cut: dict[str, str], own: str, options: dict[str, int], rows: list[int]
) -> None:
    """0 rows of a part of CSV are not counted."""
    to = f"s3://cut/out{own}{options}"

    assert _planned(cut, own, to, **options) == rows


def test_a_run_is_the_same_whether_its_bound_was_said_or_is_the_model_s(
    cut: dict[str, str],
) -> None:
    _planned(cut, "4", "s3://cut/same")

    assert _planned(cut, "", "s3://cut/same", part_rows=4) == [4, 4, 2]


def test_a_run_that_is_resumed_is_cut_as_it_was_whatever_the_model_says_by_now(
    cut: dict[str, str],
) -> None:
    _planned(cut, "4", "s3://cut/resumed")

    assert _planned(cut, "6", "s3://cut/resumed") == [4, 4, 2]
    with pytest.raises(RefusedError, match="--part-rows is 4, and here it is 6"):
        _planned(cut, "6", "s3://cut/resumed", part_rows=6)


def test_each_task_of_the_plan_has_no_more_rows_and_all_are_answered(
    environment: dict[str, str], tmp_path: Path
) -> None:
    s3 = Session(region_name=environment["AWS_REGION"]).client("s3")
    s3.create_bucket(Bucket="few")
    for kind in FORMATS:
        file = written(tmp_path / f"rows.{kind}", [{"x": 1.5 * n} for n in range(10)])
        s3.put_object(Bucket="few", Key=f"in/{file.name}", Body=file.read_bytes())
    actions = _actions(environment)
    asked = {"input": "s3://few/in/", "output": "s3://few/out/", "options": {"part_rows": 3}}

    planned = actions.do({"do": "plan", **asked})
    plan = s3.get_object(Bucket=planned["bucket"], Key=planned["key"])["Body"].read()
    tasks: list[dict[str, Any]] = [json.loads(line) for line in plan.splitlines()]
    for task in tasks:
        actions.do({"do": "partition", "task": task})
    told = actions.do({"do": "finish", "bucket": planned["bucket"], "key": planned["key"]})

    rows = [task["partition"]["rows"] for task in tasks]
    assert rows == [3, 3, 3, 1, 3, 3, 3, 1, 3, 3, 1, 3]  # row groups of 7 and 3: 7 is 3 + 3 + 1
    assert (told["complete"], told["rows"], told["predicted"]) == (True, 30, 30)
    assert actions.do({"do": "plan", **asked})["run"] == planned["run"]


def test_a_part_of_less_than_no_rows_is_refused(environment: dict[str, str]) -> None:
    asked = {"input": "s3://few/in", "output": "s3://few/out", "options": {"part_rows": -1}}

    with pytest.raises(UsageError, match="part_rows"):
        _actions(environment).do({"do": "plan", **asked})
