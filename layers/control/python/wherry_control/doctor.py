"""
Doctor: looks at this machine, the project and the target, and says what to mend.

It only reads. A finding has a severity, a message and a remedy as separate fields, so that people
and programs can both act on it. `error` means that a main path is closed; `warning` that one of
several is.
"""

import platform
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Protocol

from wherry.errors import WherryError
from wherry_control.cdk import SETUP, check_node
from wherry_control.project import Project
from wherry_control.targets import Target

Severity = Literal["ok", "warning", "error"]
PYTHON_MINIMUM, PYTHON_LIMIT = (3, 11), (3, 14)
EXTRAS = {
    "prepare": ("sklearn", "skl2onnx", "onnx", "skops"),
    "infra": ("aws_cdk",),
    "control": ("boto3", "httpx", "uvicorn"),
    "runtime": ("onnxruntime", "obstore", "fastapi", "mangum"),
}


@dataclass(frozen=True)
class Finding:
    """What one check found, and what to do about it (empty if nothing)."""

    check: str
    severity: Severity
    message: str
    remedy: str = ""


class Machine(Protocol):
    """This computer, as far as the checks look at it."""

    def python(self) -> tuple[int, int]: ...
    def which(self, program: str) -> str | None: ...
    def has_module(self, name: str) -> bool: ...


class ThisMachine:
    """The real one; `path` is where programs are looked for."""

    def __init__(self, path: str) -> None:
        self._path = path

    def python(self) -> tuple[int, int]:
        major, minor, _ = platform.python_version_tuple()
        return int(major), int(minor)

    def which(self, program: str) -> str | None:
        return shutil.which(program, path=self._path)

    def has_module(self, name: str) -> bool:
        return find_spec(name) is not None


def examine(
    project: Project,
    machine: Machine,
    *,
    engine: Callable[[], str],
    target: Callable[[], Target],
    model_checks: Sequence[Callable[[Path], object]],
) -> list[Finding]:
    """All checks, in the order in which one would mend; `engine` names the container engine."""
    return [
        check_python(machine),
        attempt("node", lambda: check_node(machine.which("node")), "Node.js is there"),
        check_cdk(project),
        check_engine(engine),
        *check_extras(machine),
        attempt("target", target, "the target answers", severity="warning"),
        *check_models(project, model_checks),
    ]


def check_python(machine: Machine) -> Finding:
    version = machine.python()
    told = ".".join(map(str, version))
    if PYTHON_MINIMUM <= version < PYTHON_LIMIT:
        return Finding("python", "ok", f"Python {told}")
    return Finding(
        "python",
        "error",
        f"Python {told} is not supported; 3.11 to 3.13 are",
        "Run `make setup PYTHON=python3.13`.",
    )


def check_cdk(project: Project) -> Finding:
    if (project.root / "node_modules" / ".bin" / "cdk").exists():
        return Finding("cdk", "ok", "the pinned CDK is installed")
    return Finding("cdk", "error", "the CDK is not installed here", SETUP)


def check_engine(engine: Callable[[], str]) -> Finding:
    """A warning without one: functions can be deployed as ZIP."""
    try:
        return Finding("engine", "ok", f"container engine: {engine()}")
    except WherryError as error:
        return Finding(
            "engine", "warning", error.what, f"{error.todo} Or deploy with --packaging zip."
        )


def check_extras(machine: Machine) -> list[Finding]:
    findings = []
    for extra, modules in EXTRAS.items():
        missing = [name for name in modules if not machine.has_module(name)]
        if missing:
            message = f"not installed: {', '.join(missing)}"
            remedy = f"Run `make setup`, or install requirements/{extra}.txt."
            findings.append(Finding(f"packages: {extra}", "error", message, remedy))
        else:
            findings.append(Finding(f"packages: {extra}", "ok", "installed"))
    return findings


def check_models(project: Project, checks: Sequence[Callable[[Path], object]]) -> list[Finding]:
    if not project.models():
        return [Finding("models", "warning", "there is no model", "Run `wherry new`.")]
    return [
        attempt(f"model {name}", partial(_all, checks, project.model_folder(name)), "valid")
        for name in project.models()
    ]


def attempt(
    check: str, act: Callable[[], object], good: str, *, severity: Severity = "error"
) -> Finding:
    """`ok` if `act` returns; a finding made of its error's own words if it raises one of ours."""
    try:
        act()
    except WherryError as error:
        return Finding(check, severity, f"{error.where}: {error.what}", error.todo)
    return Finding(check, "ok", good)


def _all(checks: Iterable[Callable[[Path], object]], folder: Path) -> None:
    for check in checks:
        check(folder)
