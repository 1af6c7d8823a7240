"""Where things are in a checkout, and what a release's environment is."""

from pathlib import Path

import pytest

from wherry.errors import ConfigurationError, UsageError
from wherry_control.environment import release_environment, required_lock, shell_exports
from wherry_control.locks import ModelLock
from wherry_control.project import Project

LOCK = ModelLock("iris", 2, "sha256:" + "b" * 64)


def checkout(root: Path, *models: str) -> Project:
    (root / "cdk.json").touch()
    (root / "models" / "preparation").mkdir(parents=True)
    for name in models:
        (root / "models" / name).mkdir()
        (root / "models" / name / "model.toml").touch()
    return Project(root)


def test_a_checkout_is_found_from_any_folder_below_it(tmp_path: Path) -> None:
    checkout(tmp_path, "iris")

    assert Project.find(tmp_path / "models" / "iris").root == tmp_path


def test_only_folders_with_a_model_toml_are_models(tmp_path: Path) -> None:
    assert checkout(tmp_path, "iris", "digits").models() == ["digits", "iris"]


def test_an_unknown_model_is_answered_with_the_closest_and_all_others(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean iris"):
        checkout(tmp_path, "iris", "digits").model_folder("irs")


def test_without_any_model_the_answer_is_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="wherry new"):
        checkout(tmp_path).model_folder("iris")


def test_a_release_is_told_which_artifact_and_where_it_is() -> None:
    told = release_environment(LOCK, "s3://bucket")

    assert told["WHERRY_DIGEST"] == LOCK.digest
    assert told["WHERRY_MODEL_VERSION"] == "2"
    assert told["WHERRY_STORE"] == "s3://bucket"
    assert told["ORT_DISABLE_TELEMETRY"] == "1"


def test_shell_exports_survive_any_value() -> None:
    lines = shell_exports({"A": "it's $HOME"}, bin_folder=Path("/opt/my bin"))

    assert lines == ["export A='it'\"'\"'s $HOME'", "export PATH='/opt/my bin':\"$PATH\""]


def test_a_missing_lock_says_which_command_writes_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Run `wherry publish iris --target local`"):
        required_lock(tmp_path, "iris", "local")
