"""An experiment from model.toml into the lock: what is kept, what is drawn, what is refused."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pytest

from tests.support.stores import NOW, an_artifact
from wherry.errors import ConfigurationError
from wherry.store import ModelStore
from wherry.store.model_store import ModelVersion
from wherry_control.environment import release_environment
from wherry_control.experiments.declared import read_experiment
from wherry_control.experiments.resolving import Resolver, experiment_before, new_salt
from wherry_control.experiments.shares import moved
from wherry_control.locks import ModelLock, read_lock, write_lock
from wherry_control.publishing import publish

EXPERIMENT = """
[experiment]
name = "colours"
subject = "header:x-user-id"
metric = "clicked"

[[experiment.arms]]
name = "control"
share = 90

[[experiment.arms]]
name = "greener"
share = 10
version = 2
"""


class Known:
    """A store that has versions 1 to 9 of any model."""

    def versions(self, model: str) -> Sequence[ModelVersion]:
        return [ModelVersion(model, n, f"sha256:{n}" + 63 * "0", NOW) for n in range(1, 10)]


LOCK = ModelLock("iris", 3, "sha256:3" + 63 * "0")


def lock_of(folder: Path, toml: str, before: ModelLock = LOCK) -> ModelLock:
    (folder / "model.toml").write_text(toml)
    numbers = count(1)
    declared = read_experiment(folder)
    salts = lambda: f"{next(numbers):032x}"  # noqa: E731 - a source of salts
    if before.experiment:
        salts = lambda: "f" * 32  # noqa: E731
    return Resolver(declared, before.experiment, Known(), salts)(LOCK)


def test_the_lock_names_each_arm_by_version_digest_and_buckets(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, EXPERIMENT)
    write_lock(tmp_path / "lock.json", lock)

    assert read_lock(tmp_path / "lock.json") == lock
    assert lock.experiment is not None
    assert [(arm.name, arm.version, arm.digest, arm.buckets) for arm in lock.experiment.arms] == [
        ("control", 3, LOCK.digest, ((0, 9000),)),
        ("greener", 2, "sha256:2" + 63 * "0", ((9000, 10_000),)),
    ]
    assert lock.experiment.salt == f"{1:032x}"


def test_shares_versions_metric_and_subject_may_change_and_the_salt_stays(tmp_path: Path) -> None:
    before = lock_of(tmp_path, EXPERIMENT)
    changed = EXPERIMENT.replace("90", "80.5").replace("10", "19.5").replace("= 2", "= 7")

    after = lock_of(tmp_path, changed.replace("clicked", "bought"), before)

    assert before.experiment is not None
    assert after.experiment is not None
    assert after.experiment.salt == before.experiment.salt
    assert after.experiment.metric == "bought"
    assert after.experiment.arms[1].version == 7
    sides = [{arm.name: arm.buckets for arm in each.experiment.arms} for each in (before, after)]  # type: ignore[union-attr]
    assert moved(*sides) == 950


def test_another_name_is_another_experiment(tmp_path: Path) -> None:
    before = lock_of(tmp_path, EXPERIMENT)

    after = lock_of(tmp_path, EXPERIMENT.replace("colours", "shapes"), before)

    assert after.experiment is not None
    assert after.experiment.salt == "f" * 32


def test_salts_are_drawn() -> None:
    assert len({new_salt() for _ in range(100)}) == 100


def test_a_model_without_an_experiment_has_none_in_its_lock(tmp_path: Path) -> None:
    before = lock_of(tmp_path, EXPERIMENT)

    assert lock_of(tmp_path, "", before) == LOCK


def test_an_arm_of_a_version_that_was_not_published_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="12 was not published here") as caught:
        lock_of(tmp_path, EXPERIMENT.replace("= 2", "= 12"))

    assert "arm greener version" in caught.value.where
    assert "1, 2, 3" in caught.value.todo


def test_a_publication_keeps_who_is_in_which_arm(tmp_path: Path) -> None:
    store = ModelStore.open(str(tmp_path / "store"))
    path = tmp_path / "lock.json"
    (tmp_path / "model.toml").write_text(EXPERIMENT.replace("= 2", "= 1"))

    def published(marker: str) -> ModelLock:
        wanted = read_experiment(tmp_path) if marker != "one" else None
        complete = Resolver(wanted, experiment_before(path), store)
        publish(store, an_artifact(marker=marker), path, now=NOW, complete=complete)
        lock = read_lock(path)
        assert lock is not None
        return lock

    _, second, third = published("one"), published("two"), published("three")

    assert second.experiment is not None
    assert third.experiment is not None
    assert third.experiment.salt == second.experiment.salt
    assert [arm.buckets for arm in third.experiment.arms] == [
        arm.buckets for arm in second.experiment.arms
    ]
    assert [arm.version for arm in third.experiment.arms] == [3, 1]


def test_the_environment_of_a_release_holds_its_experiment(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, EXPERIMENT)

    assert lock.experiment is not None
    told = release_environment(lock, "store")["WHERRY_EXPERIMENT"]
    assert told == lock.experiment.to_text()
    assert "WHERRY_EXPERIMENT" not in release_environment(LOCK, "store")


def test_a_broken_lock_is_not_replaced_where_an_experiment_was_in_it(tmp_path: Path) -> None:
    (tmp_path / "lock.json").write_text("{")

    with pytest.raises(ConfigurationError, match="Restore it, or delete it"):
        experiment_before(tmp_path / "lock.json")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"salt"', '"pepper"', "its experiment is none"),
        ('"version": 3', '"version": 4', "no arm of its experiment is version 4"),
    ],
)
def test_a_lock_whose_experiment_is_broken_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = tmp_path / "lock.json"
    text = lock_of(tmp_path, EXPERIMENT).to_bytes().decode()
    path.write_text(new.join(text.rsplit(old, 1)))

    with pytest.raises(ConfigurationError, match=said):
        read_lock(path)


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        ("share = 90", "share = 89", "arms", "sum to 99"),
        ("share = 90", "share = 90.001", "share", "at most two decimals"),
        ("share = 90", 'share = "90"', "share", "'90' is not allowed"),
        ("share = 90", "share = nan", "share", "nan is not allowed"),
        ("share = 90", "share = true", "share", "True is not allowed"),
        ("share = 90", "", "share", "it is missing"),
        ("version = 2", "", "arms", "control, greener have no version"),
        ("share = 90", "share = 90\nversion = 1", "arms", "every arm has a version"),
        ("version = 2", "version = 0", "version", "0 is not allowed"),
        ("version = 2", "versoin = 2", "versoin", "no such key"),
        ('"greener"', '"control"', "arms", "'control' is there twice"),
        ('"greener"', '"Greener"', "name", "'Greener' is not allowed"),
        ('"clicked"', '"Clicks per day"', "metric", "is not allowed"),
        ("header:x-user-id", "cookie:id", "subject", "header:<name>, claim:<name>"),
        ('metric = "clicked"', "", "metric", "it is missing"),
        ("[[experiment.arms]]", "[[experiment.legs]]", "legs", "no such key"),
    ],
)
def test_what_is_wrong_is_told_with_the_file_the_key_and_what_is_allowed(
    tmp_path: Path, old: str, new: str, where: str, said: str
) -> None:
    (tmp_path / "model.toml").write_text(EXPERIMENT.replace(old, new))

    with pytest.raises(ConfigurationError, match=said) as caught:
        read_experiment(tmp_path)

    assert caught.value.where.startswith(f"{tmp_path}/model.toml: [experiment]")
    assert caught.value.where.endswith(where)


@pytest.mark.parametrize("table", ["experiment = 1", "[experiment]\narms = 1", "["])
def test_what_is_no_table_is_told_too(tmp_path: Path, table: str) -> None:
    (tmp_path / "model.toml").write_text(table)

    with pytest.raises(ConfigurationError, match=r"model\.toml"):
        read_experiment(tmp_path)
