"""Doctor: each finding has a severity, a message and a remedy."""

from pathlib import Path

import pytest

from wherry.errors import ConfigurationError, ToolError
from wherry_control.doctor import (
    Finding,
    attempt,
    check_cdk,
    check_engine,
    check_extras,
    check_models,
    check_python,
)
from wherry_control.project import Project


class FakeMachine:
    """A computer with these programs and modules."""

    def __init__(
        self, *, python: tuple[int, int] = (3, 12), programs: str = "", missing: str = ""
    ) -> None:
        self._python = python
        self._programs = programs.split()
        self._missing = missing.split()

    def python(self) -> tuple[int, int]:
        return self._python

    def which(self, program: str) -> str | None:
        return f"/bin/{program}" if program in self._programs else None

    def has_module(self, name: str) -> bool:
        return name not in self._missing


@pytest.mark.parametrize(
    ("python", "severity"),
    [((3, 10), "error"), ((3, 11), "ok"), ((3, 13), "ok"), ((3, 14), "error")],
)
def test_python_is_judged_by_what_is_supported(python: tuple[int, int], severity: str) -> None:
    assert check_python(FakeMachine(python=python)).severity == severity


def test_no_engine_is_a_warning_because_zip_does_without() -> None:
    def no_engine() -> str:
        raise ToolError("container engine", "no daemon answers", "Start one.")

    found = check_engine(no_engine)

    assert (found.severity, found.message) == ("warning", "no daemon answers")
    assert found.remedy == "Start one. Or deploy with --packaging zip."
    assert check_engine(lambda: "podman").message == "container engine: podman"


def test_missing_packages_are_named_with_the_command_that_installs_them() -> None:
    found = {item.check: item for item in check_extras(FakeMachine(missing="sklearn onnx"))}

    assert found["packages: prepare"].message == "not installed: sklearn, onnx"
    assert "make setup" in found["packages: prepare"].remedy
    assert found["packages: infra"].severity == "ok"


def test_a_missing_cdk_says_make_setup(tmp_path: Path) -> None:
    assert check_cdk(Project(tmp_path)).remedy == "Run `make setup`."


def test_each_model_is_judged_by_every_owner_of_its_settings(tmp_path: Path) -> None:
    for name in ("digits", "iris"):
        (tmp_path / "models" / name).mkdir(parents=True)
        (tmp_path / "models" / name / "model.toml").touch()

    def check(folder: Path) -> None:
        if folder.name == "iris":
            raise ConfigurationError("model.toml", "no such key", "Allowed: name.")

    assert check_models(Project(tmp_path), [check]) == [
        Finding("model digits", "ok", "valid"),
        Finding("model iris", "error", "model.toml: no such key", "Allowed: name."),
    ]


def test_a_target_that_does_not_answer_is_a_finding_and_not_a_crash() -> None:
    def target() -> None:
        raise ToolError("local AWS", "it is not running", "Run `wherry local up`.")

    assert attempt("target", target, "answers", severity="warning") == Finding(
        "target", "warning", "local AWS: it is not running", "Run `wherry local up`."
    )
