"""
The CDK, run as a program: builds its command line and environment from a target, and says in one
sentence why it failed.

Nothing here imports aws_cdk or knows what is in a stack. The pinned CDK of `node_modules` is used,
never one from the PATH, and never `npx`, which would fetch another.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wherry.errors import CloudError, ConflictError, CredentialsError, ToolError, WherryError
from wherry_control.aws_errors import LOGIN
from wherry_control.locks import SHARED_TARGET, lock_folder
from wherry_control.process import Finished, Runner, run_streaming
from wherry_control.targets import Target

NODE_MINIMUM = 22
SETUP = "Run `make setup`."
QUIET = {
    "CDK_DISABLE_CLI_TELEMETRY": "true",
    "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
}
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Meaning:
    """What it means that the CDK failed with `pattern` among its last lines."""

    pattern: str
    kind: type[WherryError]
    what: str
    todo: str


MEANINGS = (
    Meaning(
        r"bootstrap-version not found|(is not|has not been) bootstrapped|cdk-bootstrap/\w+/version",
        CloudError,
        "this account and region are not prepared for the CDK",
        "Run `wherry deploy --bootstrap --target {target}`.",
    ),
    Meaning(
        r"ExpiredToken|security token included in the request is (?:expired|invalid)",
        CredentialsError,
        "the AWS credentials have expired",
        LOGIN,
    ),
    Meaning(
        r"Unable to resolve AWS account|no credentials have been configured|Need to perform AWS",
        CredentialsError,
        "there are no AWS credentials that the CDK can use",
        LOGIN,
    ),
    Meaning(
        r"_IN_PROGRESS state",
        ConflictError,
        "somebody else is deploying this stack",
        "Wait until that is done, then try again.",
    ),
    Meaning(
        r"cannot connect to (?:the )?docker|docker: (?:command )?not found|spawn docker ENOENT"
        r"|failed to find and execute",
        ToolError,
        "no container engine answers",
        "Start docker or podman, or deploy with --packaging zip.",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Cdk:
    """The CDK command line of one checkout, on one target."""

    root: Path
    target: Target
    environ: Mapping[str, str]
    packaging: str | None = None
    run: Runner = run_streaming

    def bootstrap(self) -> None:
        """Away from the app's folder: it needs no synth, and must not depend on one."""
        place = f"aws://{self.target.account}/{self.target.region}"
        with tempfile.TemporaryDirectory() as elsewhere:
            self._cdk(["bootstrap", place], cwd=Path(elsewhere))

    def deploy(self, stacks: Sequence[str]) -> None:
        arguments = ["--require-approval", "never", "--progress", "events", *self.context()]
        self._cdk(["deploy", *stacks, *arguments], cwd=self.root)

    def diff(self, stacks: Sequence[str]) -> None:
        """Print what a deploy would change; change nothing."""
        self._cdk(["diff", *stacks, *self.context()], cwd=self.root)

    def context(self) -> list[str]:
        """What the CDK app is told of the target (infra/config.py reads it)."""
        told = {
            "environment": self.target.environment,
            "packaging": self.packaging or self.target.packaging,
            "base_image": self.target.base_image,
            "python": self.target.python,
            "operations_python": self.target.operations_python,
        }
        if self.target.name != SHARED_TARGET:
            folder = lock_folder(self.root, self.target.name)
            told["locks"] = str(folder.relative_to(self.root))
        return [part for key, value in told.items() if value for part in ("-c", f"{key}={value}")]

    def _cdk(self, arguments: list[str], *, cwd: Path) -> None:
        environ = self._environ()
        command = [str(self.executable(environ)), "--no-notices", *arguments]
        finished = self.run(command, cwd=cwd, env=environ)
        if finished.code:
            names = [part for part in arguments[1:] if part.startswith(("Wherry-", "aws://"))]
            raise explain(" ".join(["cdk", arguments[0], *names]), finished, self.target.name)

    def executable(self, environ: Mapping[str, str]) -> Path:
        """Raise ToolError unless the pinned CDK, and a Node that it supports, are there."""
        check_node(shutil.which("node", path=environ["PATH"]))
        cdk = self.root / "node_modules" / ".bin" / "cdk"
        if not cdk.exists():
            raise ToolError("node_modules/.bin/cdk", "the CDK is not installed here", SETUP)
        return cdk

    def _environ(self) -> dict[str, str]:
        """This Python first on the PATH: it runs the CDK app, and may bring Node."""
        environ = self.target.environ(self.environ)
        here = str(Path(sys.executable).parent)
        path = os.pathsep.join([here, environ.get("PATH", os.defpath)])
        return {**environ, **QUIET, "PATH": path}


def check_node(node: str | None) -> None:
    """Raise ToolError unless `node` is the path of a Node.js that the CDK supports."""
    if node is None:
        raise ToolError("node", "the CDK needs Node.js, and there is none on the PATH", SETUP)
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = re.match(r"v(\d+)\.", told)
    if major is None or int(major.group(1)) < NODE_MINIMUM:
        raise ToolError(
            node,
            f"it is {told.strip() or 'no Node.js'}; the CDK needs {NODE_MINIMUM} or later",
            SETUP,
        )


def explain(command: str, finished: Finished, target: str) -> WherryError:
    """The error that the CDK's last lines mean."""
    output = COLOUR.sub("", finished.output)
    for meaning in MEANINGS:
        if re.search(meaning.pattern, output, re.IGNORECASE):
            return meaning.kind(command, meaning.what, meaning.todo.format(target=target))
    return CloudError(command, _reason(output), "The lines above tell more.")


def _reason(output: str) -> str:
    """The line that says why: the app's own `error: …`, the CDK's ❌, or else the last one."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for mark in ("error: ", "\u274c", "Error: ", "failed: "):
        for line in lines:
            if mark in line:
                return line.removeprefix("\u274c").strip().removeprefix("error: ")
    return lines[-1] if lines else "it failed without a word"
