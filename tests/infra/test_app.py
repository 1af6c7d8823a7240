"""The CDK app as a whole: what it makes, that it is pure, and what every stack keeps."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import App
from cfnlint import ManualArgs
from cfnlint.api import lint

from infra.app import build
from tests.infra.synth import (
    ROOT,
    SNAPSHOTS,
    Template,
    normalised,
    project,
    statements,
    synth,
    text,
)

STACKS = [
    "Wherry-GithubIdentity",
    "Wherry-dev-Ci",
    "Wherry-dev-Operations",
    "Wherry-dev-Store",
    "Wherry-dev-iris",
]
WORKING = "Wherry-dev-iris-with-workers"
WILDCARDS = {  # every permission whose resource holds a wildcard; each has a reason in the code
    "*",  # X-Ray, GetMetricData and Step Functions' logs know no resources
    "artifacts/sha256/*",
    "function:wherry-dev-*",
    "stack/Wherry-dev-*",
    "role/cdk-hnb659fds-*-role-${AWS::AccountId}-${AWS::Region}",
    "artifacts/*",
    "function:wherry-dev-iris:*",
    "function:wherry-dev-iris-batch:*",
    "execution:wherry-dev-iris-batch:*",
    "execution:wherry-dev-iris-batch/*",
    "/_wherry/plan.jsonl",
    "/batch/iris/*",
    "/jobs/iris/*",
    "/queue/iris/claims/*",
    "/queue/iris/results/*",
    "data/in/*",
    "data/out/*",
    "lake/new/*",
    "reports/*",
}


def test_a_repository_a_store_and_a_locked_model_each_have_their_stacks(
    image_app: dict[str, Template],
) -> None:
    assert sorted(image_app) == STACKS


def test_without_a_repository_no_role_trusts_github(zip_app: dict[str, Template]) -> None:
    assert sorted(zip_app) == ["Wherry-prod-Operations", "Wherry-prod-Store", "Wherry-prod-iris"]


def test_two_synths_of_one_checkout_are_equal(
    tmp_path: Path, image_app: dict[str, Template]
) -> None:
    assert synth(project(tmp_path), repository="owner/name") == image_app


@pytest.fixture(scope="session")
def reviewed(
    image_app: dict[str, Template], workers_app: dict[str, Template]
) -> dict[str, Template]:
    """Every kind of stack; that of a model once without and once with all kinds of work."""
    return {**image_app, WORKING: workers_app["Wherry-dev-iris"]}


@pytest.mark.parametrize("stack", [*STACKS, WORKING])
def test_the_template_is_the_one_that_was_reviewed(
    reviewed: dict[str, Template], stack: str
) -> None:
    """`UPDATE_SNAPSHOTS=1 pytest tests/infra` writes the new ones, for a reader to judge."""
    snapshot = SNAPSHOTS / f"{stack}.json"
    found = normalised(reviewed[stack])
    if os.environ.get("UPDATE_SNAPSHOTS"):
        snapshot.write_text(found)

    assert found == snapshot.read_text()


@pytest.mark.parametrize("stack", [*STACKS, WORKING])
def test_cfn_lint_finds_nothing(reviewed: dict[str, Template], stack: str) -> None:
    config = ManualArgs(ignore_checks=["W3005"])  # CDK says twice that a function needs its role

    found = lint(json.dumps(reviewed[stack]), config=config)

    assert [str(match) for match in found] == []


def test_no_permission_is_wider_than_its_reason(reviewed: dict[str, Template]) -> None:
    for template in reviewed.values():
        for statement in statements(template):
            assert "*" not in text(statement["Action"])
            resources = statement["Resource"]
            for resource in resources if isinstance(resources, list) else [resources]:
                told = text(resource)
                assert "*" not in told or any(told.endswith(known) for known in WILDCARDS)


def test_a_model_without_a_lock_has_no_stack_and_is_named(root_of: Path) -> None:
    app = App(context={"locks": "locks"})

    (note,) = build(app, root=root_of)

    assert note == "iris has no stack: it was not published here (no locks/iris.lock.json)"
    told = sorted(stack.stack_name for stack in app.synth().stacks)
    assert told == ["Wherry-dev-Operations", "Wherry-dev-Store"]


def test_the_committed_lock_is_the_default(root_of: Path) -> None:
    app = App()

    (note,) = build(app, root=root_of)

    assert "models/iris/model.lock.json" in note


def test_a_wrong_option_is_one_line_and_no_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infra.app"],
        cwd=ROOT,
        env={**os.environ, "CDK_CONTEXT_JSON": '{"environment": "stage"}'},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert re.search(
        r"^error: cdk context: environment = 'stage' is not allowed. Allowed: dev, prod$",
        done.stderr,
        re.MULTILINE,
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("packaging", ["zip", "image"])
def test_a_missing_build_is_told_with_the_command_that_makes_it(
    root_of: Path, packaging: str
) -> None:
    folder = {"zip": "build/zip/base", "image": "build/wheels/runtime"}[packaging]
    (root_of / folder).rename(root_of / "elsewhere")

    with pytest.raises(Exception, match=f"{folder}: .*Run: python -m infra.packaging"):
        synth(root_of, packaging=packaging)
