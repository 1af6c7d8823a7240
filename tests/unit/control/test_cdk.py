"""The CDK as a program: its command line, its environment, and what its failures mean."""

import io
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import pytest

from wherry.errors import CloudError, ConflictError, CredentialsError, ToolError, WherryError
from wherry_control.cdk import Cdk, check_node, explain
from wherry_control.process import Finished, run_streaming
from wherry_control.targets import Target

TARGET = Target(
    name="local",
    account="000000000000",
    region="us-east-1",
    api_url="",
    variables={"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"},
    packaging="zip",
    python="3.13",
    operations_python="3.11",
)


class Recorder:
    """Runs nothing; remembers what it was asked, and answers with a code and some output."""

    def __init__(self, code: int = 0, output: str = "") -> None:
        self.commands: list[list[str]] = []
        self.folders: list[Path] = []
        self.env: Mapping[str, str] = {}
        self._finished = Finished(code, output)

    def __call__(self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Finished:
        self.commands.append(list(command))
        self.folders.append(cwd)
        self.env = env
        return self._finished


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose CDK and Node are scripts."""
    for name, text in (("node_modules/.bin/cdk", ""), ("bin/node", "#!/bin/sh\necho v22.1.0\n")):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)
    return tmp_path


def cdk(checkout: Path, run: Recorder, **parts: Any) -> Cdk:
    environ = {"PATH": str(checkout / "bin"), "AWS_PROFILE": "work"}
    return Cdk(**{"root": checkout, "target": TARGET, "environ": environ, "run": run, **parts})


def test_a_deploy_names_the_stacks_and_tells_the_app_all_of_the_target(checkout: Path) -> None:
    run = Recorder()

    cdk(checkout, run).deploy(["Wherry-dev-iris"])

    assert run.commands[0][2:] == [
        *("deploy", "Wherry-dev-iris", "--require-approval", "never", "--progress", "events"),
        *("-c", "environment=dev", "-c", "packaging=zip", "-c", "python=3.13"),
        *("-c", "operations_python=3.11"),
        *("-c", "locks=.wherry/locks/local"),
    ]
    assert run.folders == [checkout]
    assert run.env["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert "AWS_PROFILE" not in run.env


def test_the_account_that_all_share_uses_the_committed_locks(checkout: Path) -> None:
    target = Target(name="aws", account="1", region="eu-west-1", api_url="", environment="prod")

    context = cdk(checkout, Recorder(), target=target, packaging="image").context()

    assert context == ["-c", "environment=prod", "-c", "packaging=image"]


def test_bootstrap_runs_away_from_the_app(checkout: Path) -> None:
    run = Recorder()

    cdk(checkout, run).bootstrap()

    assert run.commands[0][2:] == ["bootstrap", "aws://000000000000/us-east-1"]
    assert run.folders != [checkout]


def test_a_failure_names_the_command_and_the_stack(checkout: Path) -> None:
    run = Recorder(1, "Wherry-dev-iris failed: something new\n")

    with pytest.raises(CloudError, match="cdk deploy Wherry-dev-iris") as caught:
        cdk(checkout, run).deploy(["Wherry-dev-iris"])

    assert "something new" in caught.value.what


def test_a_missing_cdk_says_make_setup(checkout: Path) -> None:
    shutil.rmtree(checkout / "node_modules")

    with pytest.raises(ToolError, match="make setup"):
        cdk(checkout, Recorder()).diff(["x"])


def test_no_node_and_an_old_node_are_told_before_the_cdk_starts(tmp_path: Path) -> None:
    old = tmp_path / "node"
    old.write_text("#!/bin/sh\necho v18.2.0\n")
    old.chmod(0o755)

    with pytest.raises(ToolError, match=r"v18\.2\.0; the CDK needs 22"):
        check_node(str(old))
    with pytest.raises(ToolError, match="none on the PATH"):
        check_node(None)


@pytest.mark.parametrize(
    ("output", "kind", "todo"),
    [
        (
            "SSM parameter /cdk-bootstrap/hnb659fds/version not found. Has it been bootstrapped?",
            CloudError,
            "Run `wherry deploy --bootstrap --target local`.",
        ),
        ("ExpiredToken: The security token included in the request is expired", CredentialsError,
         "Sign in again"),
        ("Unable to resolve AWS account to use", CredentialsError, "Sign in again"),
        ("Stack:arn is in UPDATE_IN_PROGRESS state and can not be updated", ConflictError, "Wait"),
        ("Cannot connect to the Docker daemon at unix:///x", ToolError, "--packaging zip"),
        ("Failed to find and execute 'docker' while building", ToolError, "--packaging zip"),
    ],
)  # fmt: skip
def test_a_known_failure_says_what_to_do(output: str, kind: type[WherryError], todo: str) -> None:
    got = explain("cdk deploy", Finished(1, f"\x1b[31m{output}\x1b[0m\n"), "local")

    assert type(got) is kind
    assert got.todo.startswith(todo) or todo in got.todo


def test_the_apps_own_error_line_is_the_reason() -> None:
    output = "error: models/iris/model.toml [deploy]: memory_mb = 1 is not allowed\nSubprocess\n"

    assert explain("cdk synth", Finished(1, output), "aws").what.startswith("models/iris")


def test_a_program_streams_to_stderr_and_its_last_words_are_kept(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    command = ["sh", "-c", "echo one; echo two >&2; exit 3"]

    finished = run_streaming(command, cwd=tmp_path, env={"PATH": "/usr/bin:/bin"})

    assert finished == Finished(3, "one\ntwo\n")
    assert capfd.readouterr() == ("", "one\ntwo\n")


class Stop(io.StringIO):
    """Ctrl+C, which comes while the program's first line is shown."""

    def write(self, _: str) -> int:
        raise KeyboardInterrupt


class Gone(io.StringIO):
    """Nobody reads stderr any more, as after `2>&1 | head`."""

    def write(self, _: str) -> int:
        raise BrokenPipeError


def test_a_reader_who_has_gone_does_not_stop_the_program(tmp_path: Path) -> None:
    """Else a deploy would be ended half-way, and the command would say that all is done."""
    with redirect_stderr(Gone()):
        finished = run_streaming(
            ["sh", "-c", "echo one; exit 3"], cwd=tmp_path, env={"PATH": "/bin"}
        )

    assert finished == Finished(3, "one\n")


def test_who_is_stopped_stops_the_program(tmp_path: Path) -> None:
    """It would go on for an hour."""
    pid = tmp_path / "pid"
    command = ["sh", "-c", f"echo $$ > {pid}; echo started; exec sleep 3600"]

    with redirect_stderr(Stop()), pytest.raises(KeyboardInterrupt):
        run_streaming(command, cwd=tmp_path, env={"PATH": "/usr/bin:/bin"})

    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
