"""One strict local AWS for the whole folder; skipped without a container engine, unless CI says."""

import socket
from collections.abc import Iterator

import pytest

from infra.packaging import download_wheels
from tests.support.cloud import Cloud, strict_cloud
from tests.support.containers import ROOT, base_image_or_skip, engine_or_skip
from tests.support.project import Project
from tests.support.workers import Workers, deploy_workers


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def base_image() -> str:
    return base_image_or_skip(engine_or_skip())


@pytest.fixture(scope="session")
def new_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose downloads are there already."""
    download_wheels(ROOT)
    return Project.copy(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def cloud(base_image: str, new_project: Project) -> Iterator[Cloud]:
    with strict_cloud(new_project, base_image, free_port()) as started:
        yield started


@pytest.fixture(scope="session")
def workers(cloud: Cloud) -> Workers:
    """The model that has batch runs, a queue and jobs."""
    return deploy_workers(cloud)


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project of the test's own, by a short path: the engine's socket is in it."""
    download_wheels(ROOT)
    return Project.copy(tmp_path_factory.mktemp("at") / "project")
