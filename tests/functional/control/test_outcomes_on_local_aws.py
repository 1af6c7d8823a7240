"""Outcomes in DynamoDB, on the local AWS: their contract, and what only a table can do."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from boto3 import Session

from tests.support.emulated import local_aws, new_table
from tests.support.outcomes_contract import OutcomesContract
from tests.support.outcomes_fakes import AT, DAY, exposed, told
from tests.support.project import Project
from wherry.errors import CloudError
from wherry.experiments.spec import Arm, Experiment
from wherry_control.experiments.joining import ReleaseOutcomes
from wherry_control.experiments.outcomes import DynamoOutcomes
from wherry_control.locks import ModelLock, lock_path, write_lock

DIGESTS = [f"sha256:{each * 64}" for each in "ab"]
ARMS = (
    Arm("linear", 2, DIGESTS[1], ((5_000, 10_000),)),
    Arm("forest", 3, DIGESTS[0], ((0, 5_000),)),
)
EXPERIMENT = Experiment("forest-or-linear", "0" * 32, "header:x-user", "clicked", ARMS)
LOCK = ModelLock("iris", 3, DIGESTS[0], experiment=EXPERIMENT)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a project is, as far as the report of an experiment needs one."""
    root = tmp_path_factory.mktemp("project")
    (root / "cdk.json").touch()
    (root / "models/iris").mkdir(parents=True)
    (root / "models/iris/model.toml").touch()
    return root


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[Any]:
    with local_aws(root / ".wherry/local") as found:
        yield Session(region_name=found["AWS_REGION"]).client("dynamodb")


@pytest.fixture(scope="module")
def table(client: Any) -> str:
    return new_table(client, "key", name="wherry-dev-outcomes")


class TestDynamoOutcomes(OutcomesContract):
    @pytest.fixture
    def outcomes(self, client: Any, table: str) -> DynamoOutcomes:
        return DynamoOutcomes(client, table)


def test_more_than_a_page_of_answers_is_read_to_its_end(client: Any, table: str) -> None:
    """DynamoDB answers a megabyte at a time."""
    outcomes = DynamoOutcomes(client, table)
    wide = "x" * 40_000
    outcomes.expose(
        exposed(16 * number, "a", model="wide", experiment=wide) for number in range(40)
    )

    assert sum(len(shard.exposures) for shard in outcomes.shards("wide", AT, AT + DAY)) == 40


def test_facts_are_forgotten_ninety_days_after_they_happened(client: Any, table: str) -> None:
    DynamoOutcomes(client, table).expose([exposed(1, "a", model="old")])

    found = client.query(
        TableName=table,
        KeyConditionExpression="model = :model",
        ExpressionAttributeValues={":model": {"S": "old#1"}},
    )["Items"]
    assert int(found[0]["expires"]["N"]) == int((AT + 90 * DAY).timestamp())


def test_the_outcomes_of_releases_are_read_from_a_table(client: Any, table: str) -> None:
    outcomes = DynamoOutcomes(client, table)
    outcomes.tell([told(1, 0.5, model="split"), told(2, 1, model="split")])
    outcomes.expose(
        [exposed(1, "a", model="split", release="7"), exposed(2, "a", model="split", release="8")]
    )

    found = ReleaseOutcomes(outcomes)("split", ["7", "8"], AT, AT + DAY, {"clicked": (0, 1)})

    assert {release: sums["clicked"].mean for release, sums in found.items()} == {"7": 0.5, "8": 1}


def test_a_table_that_is_not_there_is_an_error(client: Any) -> None:
    outcomes = DynamoOutcomes(client, "nothing")

    with pytest.raises(CloudError, match=r"no such table.*deploy --store"):
        outcomes.expose([exposed(1, "a")])
    with pytest.raises(CloudError, match=r"no such table.*deploy --store"):
        list(outcomes.shards("iris", AT, AT + DAY))


class TestCommand:
    """`wherry experiment report`, as somebody types it."""

    @pytest.fixture
    def project(self, root: Path, client: Any, table: str) -> Project:
        """An experiment whose second arm is the better one; its subjects came an hour ago."""
        write_lock(lock_path(root, "iris", "local"), LOCK)
        at = datetime.now(UTC) - timedelta(hours=1)
        outcomes = DynamoOutcomes(client, table)
        outcomes.expose(exposed(n, "forest" if n % 2 else "linear", at) for n in range(400))
        outcomes.tell(told(n, at=at) for n in range(400) if n % 2 == 0 or n % 8 == 1)
        return Project(root)

    def test_it_tells_the_verdict_and_writes_the_page(self, project: Project) -> None:
        done = project.run("experiment", "report", "iris", "--html", "report.html")

        assert done.code == 0, done.err
        assert "linear is better than forest by 75 points" in done.out
        page = (project.root / "report.html").read_text()
        assert "linear is better than forest by 75 points" in page

    def test_its_json_is_the_whole_report(self, project: Project) -> None:
        found = project.wherry("experiment", "report", "iris", "--since", "2h")

        assert [arm["subjects"] for arm in found["arms"]] == [200, 200]
        assert found["control"] == "forest"
        assert found["comparisons"][0]["interval"]["low"] > 0

    def test_less_may_be_better_and_what_was_not_told_may_be_left_out(
        self, project: Project
    ) -> None:
        worse = project.wherry("experiment", "report", "iris", "--better", "lower")
        value = project.wherry("experiment", "report", "iris", "--kind", "value")

        assert worse["verdict"][0].startswith("linear is worse than forest")
        assert [arm["counted"] for arm in value["arms"]] == [50, 200]

    def test_a_time_since_when_nobody_came_has_nobody(self, project: Project) -> None:
        found = project.wherry("experiment", "report", "iris", "--since", "5m")

        assert found["verdict"] == ["Nobody has been in this experiment yet."]

    @pytest.mark.parametrize("wrong", ["tomorrow", "7y", "2999-01-01"])
    def test_a_time_that_is_none_is_wrong_usage(self, project: Project, wrong: str) -> None:
        done = project.run("experiment", "report", "iris", "--since", wrong)

        assert done.code == 2
        assert "--since" in done.err

    def test_a_model_without_an_experiment_is_told_how_to_get_one(self, project: Project) -> None:
        lock = replace(LOCK, experiment=None)
        write_lock(lock_path(project.root, "iris", "local"), lock)

        done = project.run("experiment", "report", "iris")

        assert done.code == 1
        assert "[experiment]" in done.err
