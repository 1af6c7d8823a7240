"""An experiment reaches the function as one literal, and only as the lock and model.toml agree."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.config import Options, Release, releases
from infra.rules import ConfigurationError
from tests.infra.synth import (
    DIGEST,
    as_list,
    function,
    lock_with,
    project,
    statements,
    synth,
    text,
)
from wherry.experiments.spec import Experiment

ARMS = [
    {"name": "control", "version": 3, "digest": DIGEST, "buckets": [[0, 9000]]},
    {"name": "b", "version": 2, "digest": DIGEST.replace("1", "2"), "buckets": [[9000, 10_000]]},
]
LOCKED: dict[str, Any] = {
    "name": "colours",
    "salt": "5a" * 16,
    "subject": "header:x-user-id",
    "metric": "clicked",
    "arms": ARMS,
}
DECLARED = """
[experiment]
name = "colours"
subject = "header:x-user-id"
metric = "clicked"
arms = [{ name = "control", share = 90 }, { name = "b", share = 10, version = 2 }]
"""


def locked(root: Path, told: object) -> dict[str, str]:
    """The context that names a lock of iris, version 3, with this experiment."""
    lock_with(root, **({} if told is None else {"experiment": told}))
    return {"locks": str(root)}


def release(root: Path, declared: str, told: object) -> Release:
    (found,) = releases(
        project(root, deploy=declared), Options.from_context(locked(root, told).get)
    )
    assert isinstance(found, Release)
    return found


def test_the_function_is_told_the_locks_experiment_as_it_reads_it(tmp_path: Path) -> None:
    root = project(tmp_path, deploy=DECLARED)

    template = synth(root, packaging="zip", **locked(root, LOCKED))["Wherry-dev-iris"]

    told = function(template)["Environment"]["Variables"]["WHERRY_EXPERIMENT"]
    assert json.loads(told) == LOCKED
    assert Experiment.read(told).arms[1].version == 2
    assert len(told) == len(json.dumps(LOCKED, separators=(",", ":")))


def test_a_release_without_an_experiment_is_told_of_none(tmp_path: Path) -> None:
    root = project(tmp_path)

    template = synth(root, packaging="zip", **locked(root, None))["Wherry-dev-iris"]

    assert not [name for name in function(template)["Environment"]["Variables"] if "EXP" in name]


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("", LOCKED),
        (DECLARED, None),
        (DECLARED, {**LOCKED, "name": "shapes"}),
        (DECLARED, {**LOCKED, "metric": "bought"}),
        (DECLARED.replace("90", "80").replace("10", "20"), LOCKED),
        (DECLARED.replace("version = 2", "version = 1"), LOCKED),
        (DECLARED.replace('"b"', '"c"'), LOCKED),
        (DECLARED.replace("90", '"most"'), LOCKED),
        (DECLARED.replace("90", "nan"), LOCKED),
        ("[experiment]", LOCKED),
    ],
)
def test_shares_that_the_checkout_does_not_show_are_not_deployed(
    tmp_path: Path, declared: str, told: object
) -> None:
    with pytest.raises(ConfigurationError, match="wherry experiment lock iris"):
        release(tmp_path, declared, told)


@pytest.mark.parametrize(
    "told", [1, {}, {**LOCKED, "arms": [{}]}, {**LOCKED, "arms": [{**ARMS[0], "buckets": [[0]]}]}]
)
def test_a_lock_with_no_experiment_in_its_place_is_refused(tmp_path: Path, told: object) -> None:
    with pytest.raises(ConfigurationError, match=r"experiment = .* is not allowed"):
        release(tmp_path, DECLARED, told)


def test_an_experiment_in_more_ranges_than_an_environment_holds_is_refused(tmp_path: Path) -> None:
    ranges = [[begin, begin + 2] for begin in range(0, 2000, 4)]
    rest = [[begin + 2, begin + 4] for begin in range(0, 1996, 4)]
    arms = [{**ARMS[0], "buckets": [*rest, [1998, 10_000]]}, {**ARMS[1], "buckets": ranges}]

    with pytest.raises(ConfigurationError, match=r"of 2500.*another name"):
        release(tmp_path, DECLARED, {**LOCKED, "arms": arms})


def test_a_shadow_has_its_share(tmp_path: Path) -> None:
    root = project(tmp_path, deploy="[shadow]\nshare = 0.1")

    template = synth(root, packaging="zip", **locked(root, None))["Wherry-dev-iris"]

    assert function(template)["Environment"]["Variables"]["WHERRY_SHADOW_SHARE"] == "0.1"
    allowed = {
        f"{action} {text(each['Resource'])}"
        for each in statements(template)
        for action in as_list(each["Action"])
        if "shadow" in text(each["Resource"])
    }
    assert {told.partition(" arn:${AWS::Partition}")[0::2] for told in allowed} == {
        (
            "lambda:InvokeFunction",
            ":lambda:${AWS::Region}:${AWS::AccountId}:function:wherry-dev-iris:shadow",
        ),
        ("s3:GetObject", ":s3:::wherry-dev-${AWS::AccountId}-${AWS::Region}/shadow/*"),
        ("s3:PutObject", ":s3:::wherry-dev-${AWS::AccountId}-${AWS::Region}/shadow/*"),
    }


def test_a_function_without_a_shadow_may_invoke_and_write_nothing_for_one(tmp_path: Path) -> None:
    root = project(tmp_path)

    template = synth(root, packaging="zip", **locked(root, None))["Wherry-dev-iris"]

    assert not [each for each in statements(template) if "shadow" in text(each["Resource"])]


@pytest.mark.parametrize(
    "table", ["[shadow]\nshare = 1.5", "[shadow]\nshare = true", "[[shadow]]", "[shadow]\nx = 1"]
)
def test_a_wrong_share_is_told_by_key_and_value(tmp_path: Path, table: str) -> None:
    with pytest.raises(ConfigurationError, match=r"\[shadow\]"):
        release(tmp_path, table, None)
