"""The local AWS really started, used and stopped; with ZIP functions, so without an engine."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from infra.local_aws import Options, down, logs, status, up
from infra.local_aws.lifecycle import NEEDED_DISK, check_disk
from wherry.errors import ConflictError, ToolError, UsageError


@pytest.fixture
def options(tmp_path: Path) -> Iterator[Options]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    yield Options(folder=tmp_path / "local", port=port, packaging="zip")
    down(tmp_path / "local")


def make_bucket(folder: Path, name: str) -> None:
    _s3(folder).create_bucket(Bucket=name)


def buckets(folder: Path) -> list[str]:
    return [bucket["Name"] for bucket in _s3(folder).list_buckets()["Buckets"]]


def _s3(folder: Path):  # type: ignore[no-untyped-def] # noqa: ANN202 (boto3's clients have no class)
    told = json.loads((folder / "target.json").read_bytes())["environment"]
    return boto3.client(
        "s3", endpoint_url=told["AWS_ENDPOINT_URL"], verify=told.get("AWS_CA_BUNDLE"),
        aws_access_key_id=told["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=told["AWS_SECRET_ACCESS_KEY"],
    )  # fmt: skip


def crash(folder: Path) -> None:
    """End the emulator without asking, as a full disk or the kernel would."""
    pid = status(folder).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def test_it_starts_serves_and_stops(options: Options) -> None:
    said: list[str] = []

    started = up(options, said.append)

    assert started.started_now
    assert started.healthy
    make_bucket(options.folder, "one")
    assert buckets(options.folder) == ["one"]
    assert any(options.endpoint in line for line in said)
    assert any("Ready" in line for line in logs(options.folder))
    assert down(options.folder) is True
    assert not status(options.folder).running
    assert not (options.folder / "target.json").exists()
    assert down(options.folder) is False


def test_a_second_start_says_that_it_runs(options: Options) -> None:
    first = up(options)

    second = up(options)

    assert not second.started_now
    assert second.pid == first.pid


@pytest.mark.parametrize(
    "change", [{"strict": True}, {"port": 1}, {"fresh": True}, {"packaging": "image"}]
)
def test_a_second_start_that_wants_something_else_is_refused(
    options: Options, change: dict[str, bool | int | str]
) -> None:
    up(options)

    with pytest.raises(UsageError, match="wherry local down"):
        up(replace(options, **change))  # type: ignore[arg-type] # each a value of its field


def test_state_is_kept_until_a_fresh_start(options: Options) -> None:
    up(options)
    make_bucket(options.folder, "kept")
    down(options.folder)

    up(options)
    assert buckets(options.folder) == ["kept"]
    down(options.folder)

    up(replace(options, fresh=True))
    assert buckets(options.folder) == []


def test_a_state_not_to_be_kept_is_gone(options: Options) -> None:
    passing = replace(options, keep=False)
    up(passing)
    make_bucket(options.folder, "passing")
    down(options.folder)

    up(passing)

    assert buckets(options.folder) == []


def test_after_a_crash_the_next_start_just_works(options: Options) -> None:
    up(options)
    crash(options.folder)
    assert not status(options.folder).running

    again = up(options)

    assert again.healthy
    assert again.started_now


def test_buckets_whose_stacks_were_never_saved_are_thrown_away(options: Options) -> None:
    """The emulator writes buckets at once, and stacks when it ends: they would be nobody's."""
    said: list[str] = []
    up(options)
    make_bucket(options.folder, "orphan")
    crash(options.folder)

    up(options, said.append)

    assert buckets(options.folder) == []
    assert any("thrown away" in line for line in said)


def test_a_crash_after_a_saved_run_loses_no_bucket(options: Options) -> None:
    up(options)
    make_bucket(options.folder, "kept")
    down(options.folder)
    up(options)
    crash(options.folder)

    up(options)

    assert buckets(options.folder) == ["kept"]


def test_strict_is_https_that_only_our_authority_vouches_for(options: Options) -> None:
    up(replace(options, strict=True))

    make_bucket(options.folder, "secret")

    assert buckets(options.folder) == ["secret"]
    assert (options.folder / "tls/server.key").stat().st_mode & 0o077 == 0
    assert not list((options.folder / "tls").glob("ca.key"))


def test_a_port_in_use_is_named(options: Options) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", options.port))
        other.listen()

        with pytest.raises(UsageError, match=f"port {options.port}.*--port"):
            up(options)

    assert not status(options.folder).running


def test_a_disk_that_is_almost_full_is_named_before_anything_starts(tmp_path: Path) -> None:
    check_disk(tmp_path, NEEDED_DISK)

    with pytest.raises(ToolError, match=r"1 MiB are free.*Free some space"):
        check_disk(tmp_path, 2**20)


def test_two_commands_at_once_are_refused(options: Options) -> None:
    def meanwhile(_: str) -> None:
        with pytest.raises(ConflictError, match="another command"):
            down(options.folder)

    assert up(options, meanwhile).healthy


def test_an_engine_that_is_not_there_means_zip_with_the_reason(options: Options) -> None:
    said: list[str] = []

    told = up(replace(options, packaging=None, engine="nothing"), said.append)

    assert told.packaging == "zip"
    assert "nothing" in told.reason
    assert any("ZIP" in line for line in said)


def test_images_without_an_engine_are_refused(options: Options) -> None:
    with pytest.raises(ToolError, match="Install Docker, or podman"):
        up(replace(options, packaging="image", engine="nothing"))

    assert not status(options.folder).running


def test_there_is_no_log_before_the_first_start(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="wherry local up"):
        next(logs(tmp_path))
