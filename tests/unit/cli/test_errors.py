"""Where the command ends: exit codes, words, and one JSON document."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from cli.__main__ import exit_code, main
from wherry import errors
from wherry.errors import WherryError
from wherry_control.locks import ModelLock, lock_path

TASK = 'task = "classification"\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with two models, as the working folder."""
    (tmp_path / "cdk.json").write_text("{}")
    for name in ("digits", "iris"):
        (tmp_path / "models" / name).mkdir(parents=True)
        (tmp_path / "models" / name / "model.toml").write_text(f'[model]\nname = "{name}"\n{TASK}')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lock_of(project: Path) -> Path:
    file = lock_path(project, "iris", None)
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.UsageError, 2),
        (errors.RefusedError, 3),
        (errors.ParityError, 3),
        (errors.ConfigurationError, 1),
        (errors.ToolError, 1),
        (errors.CredentialsError, 1),
        (errors.ConflictError, 1),
        (errors.IntegrityError, 1),
        (errors.NotFoundError, 1),
        (errors.ModelError, 1),
    ],
)
def test_each_error_has_its_exit_code(kind: type[WherryError], code: int) -> None:
    assert exit_code(kind("where", "what")) == code


@pytest.mark.usefixtures("project")
def test_an_unknown_model_is_wrong_usage_and_lists_the_known_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["serve", "irs"])

    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err == (
        "error: models/: there is no model 'irs'\n"
        "  → Did you mean iris? The models here are: digits, iris.\n"
    )


@pytest.mark.usefixtures("project")
def test_with_json_an_error_is_one_document_on_stdout_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["rollout", "status", "iris", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code == 1
    assert told == {
        "error": {
            "kind": "ToolError",
            "where": "local AWS",
            "what": "it is not running",
            "todo": "Run `wherry local up`.",
        }
    }


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["rollout", "set", "iris"],
        ["rollout", "set", "iris", "--weight", "ten"],
        ["deploy", "--target", "moon"],
        ["predict", "iris", "--repeat", "0"],
        ["serve"],
    ],
)
def test_wrong_words_are_wrong_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "UsageError"


def test_without_words_the_command_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "Examples:" in capsys.readouterr().out


def test_the_version_is_the_packages_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"wherry {version('wherry')}\n"


@pytest.mark.usefixtures("project")
def test_an_error_shows_its_traceback_only_with_debug(capsys: pytest.CaptureFixture[str]) -> None:
    main(["env", "iris"])
    assert "Traceback" not in capsys.readouterr().err

    main(["env", "iris", "--debug"])
    assert "Traceback" in capsys.readouterr().err


def test_outside_a_project_the_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["models"]) == 2
    assert "no Wherry project" in capsys.readouterr().err


def test_a_bug_is_told_in_two_lines(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A lock of a hundred thousand brackets is nothing that anybody foresaw."""
    lock_of(project).write_text("[" * 100_000)

    assert main(["env", "iris"]) == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert told[0].startswith("error: RecursionError: ")
    assert told[1].startswith("  → It is a bug in Wherry")


def test_what_the_machine_refuses_names_the_file_and_is_no_bug(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """So a full disk and a checkout that cannot be written are told."""
    lock_of(project).mkdir()

    assert main(["env", "iris"]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"error: {lock_of(project)}: Is a directory\n  → Put that right")


def test_a_library_that_is_not_installed_says_how_to_install_it(
    project: Path,
) -> None:
    """A fresh interpreter, in which uvicorn cannot be found."""
    digest = f"sha256:{'0' * 64}"
    lock_of(project).write_bytes(ModelLock("iris", 1, digest).to_bytes())
    hide = "import sys; sys.modules['uvicorn'] = None; from cli.__main__ import main; "

    done = subprocess.run(
        [sys.executable, "-c", f"{hide}sys.exit(main(['serve', 'iris', '--port', '0']))"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr == (
        "error: uvicorn: it cannot be imported\n  → Run `make setup`, which installs it.\n"
    )


def test_stopping_the_command_is_told_in_one_line_and_one_document(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "models" / "iris" / "train.py").write_text("raise KeyboardInterrupt")

    assert main(["train", "iris", "--json"]) == 130
    out, err = capsys.readouterr()
    assert err.endswith("error: stopped before the end\n")
    assert json.loads(out)["error"]["what"] == "stopped before the end"


@pytest.mark.usefixtures("project")
def test_a_model_that_was_not_published_says_how(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "iris"]) == 1
    assert "Run `wherry publish iris`" in capsys.readouterr().err


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("verb", ["deploy", "publish", "predict"])
def test_a_stopped_local_aws_is_told_in_one_line(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = dict(os.environ)

    code = main([verb, "iris", "--target", "local"])

    assert code in (1, 2)
    assert "Traceback" not in capsys.readouterr().err
    assert dict(os.environ) == environment
