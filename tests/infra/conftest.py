"""One synthesised app of each kind for the whole session: jsii takes seconds to start."""

from pathlib import Path

import pytest

from tests.infra.synth import Template, project, synth


@pytest.fixture(scope="session")
def image_app(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """As on AWS: the image, API keys, and the roles of a repository."""
    return synth(project(tmp_path_factory.mktemp("image")), repository="owner/name")


@pytest.fixture(scope="session")
def zip_app(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """Without a container engine, with IAM instead of API keys, in the other environment."""
    root = project(
        tmp_path_factory.mktemp("zip"),
        deploy='auth = "iam"\nmemory_mb = 1024\nslo_ms = 250\nlog_retention_days = 7',
    )
    return synth(root, packaging="zip", environment="prod", python="3.12")


WORKERS = """
[batch]
read = ["s3://data/in"]
write = ["s3://data/out/"]
[batch.schedule]
cron = "0 3 * * ? *"
timezone = "Europe/Berlin"
input = "s3://lake/new/"
output = "s3://reports/"
id = "flower"
keep = ["garden"]
to = "parquet"
[queue]
[jobs]
"""


@pytest.fixture(scope="session")
def workers_app(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """A model that has every kind of work."""
    return synth(project(tmp_path_factory.mktemp("workers"), tables=WORKERS))


@pytest.fixture(scope="session")
def workers(workers_app: dict[str, Template]) -> Template:
    return workers_app["Wherry-dev-iris"]


@pytest.fixture(scope="session")
def inference(image_app: dict[str, Template]) -> Template:
    return image_app["Wherry-dev-iris"]


@pytest.fixture(scope="session")
def store(image_app: dict[str, Template]) -> Template:
    return image_app["Wherry-dev-Store"]


@pytest.fixture
def root_of(tmp_path: Path) -> Path:
    return project(tmp_path)
