"""The workflows: they run what exists, with no more rights than their jobs need."""

import dataclasses
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.output import to_json
from tests.infra.synth import ROOT, Template, of_type
from tests.support.fake_lambda import FakeLambda
from tests.support.ledger_contract import entry
from wherry_control.deploy import Deployed, Report
from wherry_control.functions import FunctionVersion, Traffic
from wherry_control.releases import releases_of
from wherry_control.rollouts.report import Report as Seen

WORKFLOWS = {path.stem: path for path in sorted((ROOT / ".github/workflows").glob("*.yml"))}


def workflow(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(WORKFLOWS[name].read_text())
    return found


def steps() -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{name}/{job}", step)
        for name in WORKFLOWS
        for job, told in workflow(name)["jobs"].items()
        for step in told["steps"]
    ]


RUNS = [(where, step["run"]) for where, step in steps() if "run" in step]
QUESTIONS = [line for _, line in RUNS if line.startswith("jq")]
COMMANDS = {
    "deploy", "rollout", "start", "set", "status", "pause", "resume", "promote", "abort",
    "rollback",
}  # fmt: skip
WHERRY = sorted({line for _, line in RUNS if line.startswith(".venv/bin/wherry")})


def test_nothing_is_run_but_make_wherry_and_questions_to_their_reports() -> None:
    assert {shlex.split(line)[0] for _, line in RUNS} == {"make", ".venv/bin/wherry", "jq"}


def test_every_make_target_exists() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None

    wanted = {shlex.split(line)[1] for _, line in RUNS if line.startswith("make")}

    assert wanted == {"check", "test", "setup"}
    assert wanted <= set(phony.group(1).split())


@pytest.mark.parametrize("line", WHERRY)
def test_every_wherry_command_exists_with_its_options(line: str) -> None:
    words = shlex.split(line.split(">", maxsplit=1)[0])[1:]
    command = [word for word in words if word in COMMANDS]
    asked = subprocess.run(
        [Path(sys.executable).with_name("wherry"), *command, "--help"],
        env={"PATH": "", "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert asked.returncode == 0, asked.stderr
    for option in (word for word in words if word.startswith("--")):
        assert option in asked.stdout


def test_the_question_is_about_fields_that_the_report_has() -> None:
    asked, _ = QUESTIONS

    for field, kind in (
        (".models", Report),
        (".release", Deployed),
        (".model", Deployed),
        (".live", Deployed),
        (".stable", Traffic),
    ):
        assert field in asked
        assert field.removeprefix(".") in {each.name for each in dataclasses.fields(kind)}


@pytest.mark.parametrize(
    ("before", "live", "new"),
    [
        ([Traffic("1")], Traffic("1"), "release=3\n"),
        ([Traffic("1"), Traffic("1", "2", 10), Traffic("2")], Traffic("2"), "release=3\n"),
        ([Traffic("1"), Traffic("1", "3", 10), Traffic("1")], Traffic("1"), ""),
        ([Traffic("1"), Traffic("3"), Traffic("1")], Traffic("1"), ""),
        ([Traffic("1"), Traffic("1", "3", 50)], Traffic("1", "3", 50), ""),
        ([Traffic("1"), Traffic("1", "2", 50)], Traffic("1", "2", 50), ""),
    ],
)
def test_a_release_is_put_on_trial_once_and_none_beside_another(
    tmp_path: Path, before: list[Traffic], live: Traffic, new: str
) -> None:
    """A push must not undo what a person decided: a rollback, or another weight."""
    if shutil.which("jq") is None and "WHERRY_REQUIRE_CONTAINERS" not in os.environ:
        pytest.skip("jq is not installed")
    functions = FakeLambda()
    for number in "123":
        functions.publish(FunctionVersion(number))
    history = tuple(entry(after=traffic) for traffic in before)
    releases = releases_of(functions, functions.function)
    told = Seen(
        model="iris", function=functions.function, live=live, releases=releases, history=history
    )
    (tmp_path / "status.json").write_text(to_json(told))

    asked = ["sh", "-c", QUESTIONS[1]]
    output = {"GITHUB_OUTPUT": "output", "PATH": os.environ["PATH"]}
    subprocess.run(asked, cwd=tmp_path, env=output, check=True)

    assert (tmp_path / "output").read_text() == new


def test_a_job_may_read_the_code_and_if_it_needs_aws_show_who_it_is() -> None:
    for name in WORKFLOWS:
        assert workflow(name)["permissions"] == {"contents": "read"}
        for job in workflow(name)["jobs"].values():
            uses = [step.get("uses", "") for step in job["steps"]]
            aws = any(each.startswith("aws-actions/") for each in uses)
            expected = {"contents": "read", "id-token": "write"} if aws else None
            assert job.get("permissions") == expected


def test_actions_are_pinned_by_commit() -> None:
    for _, step in steps():
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])


def test_no_expression_is_spliced_into_a_command() -> None:
    """What somebody typed, or named a branch, must not become shell."""
    for where, line in RUNS:
        assert "${{" not in line, where


def test_each_job_takes_the_role_that_the_stack_makes_for_it(
    image_app: dict[str, Template],
) -> None:
    made = {
        role["Properties"]["RoleName"].removeprefix("wherry-dev-")
        for role in of_type(image_app["Wherry-dev-Ci"], "AWS::IAM::Role")
    }
    taken = {
        step["with"]["role-to-assume"].removeprefix("${{ env.ROLES }}-")
        for _, step in steps()
        if "role-to-assume" in step.get("with", {})
    }

    assert taken == made


@pytest.mark.parametrize(
    ("phase", "new"), [("step", ""), ("held", ""), ("promoted", "release=3\n")]
)
def test_no_rollout_is_started_beside_one_that_has_not_ended(
    tmp_path: Path, phase: str, new: str
) -> None:
    """One in its preflight has no candidate at the alias yet."""
    if shutil.which("jq") is None and "WHERRY_REQUIRE_CONTAINERS" not in os.environ:
        pytest.skip("jq is not installed")
    told = {
        "live": {"stable": "1", "candidate": None}, "state": {"phase": phase},
        "releases": [{"release": "3"}], "history": [],
    }  # fmt: skip
    (tmp_path / "status.json").write_text(json.dumps(told))

    asked = ["sh", "-c", QUESTIONS[1]]
    output = {"GITHUB_OUTPUT": "output", "PATH": os.environ["PATH"]}
    subprocess.run(asked, cwd=tmp_path, env=output, check=True)

    assert (tmp_path / "output").read_text() == new
