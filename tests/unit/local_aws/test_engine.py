"""Which engine is taken, with what configuration, and what is said when there is none."""

from pathlib import Path

import pytest

from infra.local_aws.base_image import ENTRYPOINT
from infra.local_aws.engine import Engine, find_engine
from infra.local_aws.instance import write
from wherry.errors import ToolError


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH: a machine that has what a test puts there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    return folder


def install(folder: Path, name: str, script: str = "exit 0") -> None:
    write(folder / name, f"#!/bin/sh\n{script}\n", mode=0o755)


def install_podman(folder: Path) -> None:
    for name in ("podman", "runc", "slirp4netns"):
        install(folder, name)


def test_docker_is_taken_when_its_daemon_answers(tools: Path, tmp_path: Path) -> None:
    install(tools, "docker", 'case "$1" in context) echo unix:///there.sock ;; esac')
    install_podman(tools)

    engine = find_engine(tmp_path)

    assert engine == Engine("docker", ("docker",), {"DOCKER_HOST": "unix:///there.sock"})


def test_podman_is_taken_when_no_daemon_answers(tools: Path, tmp_path: Path) -> None:
    install(tools, "docker", "exit 1")
    install_podman(tools)

    assert find_engine(tmp_path).kind == "podman"


def test_podman_keeps_all_in_a_folder_of_its_own(tools: Path, tmp_path: Path) -> None:
    install_podman(tools)

    engine = find_engine(tmp_path)

    folders = engine.command[engine.command.index("--root") + 1], engine.command[4]
    assert all(Path(folder).is_relative_to(tmp_path) for folder in folders)
    assert 'runtime = "runc"' in Path(engine.environment["CONTAINERS_CONF"]).read_text()


def test_what_ran_before_a_reboot_is_forgotten(tools: Path, tmp_path: Path) -> None:
    """Its run folder must be empty after a boot, and ours is on a disk."""
    install_podman(tools)
    stale = tmp_path / "podman" / "run" / "stale"
    find_engine(tmp_path)
    stale.parent.mkdir()
    stale.touch()

    find_engine(tmp_path)
    assert stale.exists()

    (tmp_path / "podman" / "boot_id").write_text("another boot")
    find_engine(tmp_path)
    assert not stale.exists()


def test_none_at_all_says_why_and_what_to_install(tools: Path, tmp_path: Path) -> None:
    install(tools, "podman")

    with pytest.raises(ToolError) as told:
        find_engine(tmp_path)

    assert "docker is not installed" in told.value.what
    assert "runc, slirp4netns" in told.value.what
    assert "apt-get install podman" in told.value.todo


def test_a_preferred_engine_is_the_only_one_tried(tools: Path, tmp_path: Path) -> None:
    install_podman(tools)

    with pytest.raises(ToolError, match="docker is not installed"):
        find_engine(tmp_path, "docker")


def test_a_command_that_fails_tells_the_engines_own_words(tools: Path) -> None:
    install(tools, "docker", "echo no such image >&2; exit 3")

    with pytest.raises(ToolError, match="docker build: failed with status 3: no such image"):
        Engine("docker", ("docker",)).run("build")


def test_an_engine_that_hangs_is_not_waited_for(tools: Path) -> None:
    install(tools, "docker", "while :; do :; done")

    with pytest.raises(ToolError, match=r"gave no answer in 0\.1 s"):
        Engine("docker", ("docker",)).run("info", timeout=0.1)


def test_the_entry_point_emulates_a_runtime_api_only_where_there_is_none() -> None:
    emulated, _, real = ENTRYPOINT.partition("fi\nexec")

    assert 'if [ -z "${AWS_LAMBDA_RUNTIME_API}" ]' in ENTRYPOINT
    assert "aws-lambda-rie" in emulated
    assert "aws-lambda-rie" not in real
