"""Every test: no real account, no real profile, no socket beyond loopback."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_socket import _remove_restrictions, socket_allow_hosts

from tests.support.side_by_side import SideBySide

ROOT = Path(__file__).resolve().parent.parent

FAKE_AWS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",  # the discard port: nobody answers
}


def pytest_configure() -> None:
    """Set before any test module is imported, so that no client is ever made with real keys."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "WHERRY_"))]:
        if not name.startswith("WHERRY_REQUIRE_"):  # "must run here": how CI forbids skipping
            del os.environ[name]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    os.environ.update(FAKE_AWS, ORT_DISABLE_TELEMETRY="1", PATH=path)  # our Node first, as in make


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> SideBySide:
    """For `pytest -n 2`, which is what `make test` does."""
    return SideBySide(config, log)


@pytest.fixture(autouse=True)
def only_loopback() -> Iterator[None]:
    """A socket to anywhere else fails the test that opened it; Unix sockets are this machine's."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)
    yield
    _remove_restrictions()


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT
