"""One image for all tests of this folder, built from this checkout; and one served artifact."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.local_aws.engine import Engine
from infra.packaging import BuiltImage, build_image
from tests.support.containers import ROOT, Container, base_image_or_skip, engine_or_skip, running
from tests.support.onnx_models import scaled
from wherry.artifact import Artifact
from wherry.store import ModelStore

IMAGE = "localhost/wherry-test:latest"


@dataclasses.dataclass(frozen=True)
class Published:
    """An artifact in a directory, which a container sees at /store."""

    store: Path
    artifact: Artifact

    @property
    def environment(self) -> dict[str, str]:
        return {
            "WHERRY_MODEL": "tiny",
            "WHERRY_MODEL_VERSION": "1",
            "WHERRY_DIGEST": self.artifact.digest,
            "WHERRY_STORE": "/store",
        }


@pytest.fixture(scope="session")
def engine() -> Engine:
    return engine_or_skip()


@pytest.fixture(scope="session")
def base_image(engine: Engine) -> str:
    return base_image_or_skip(engine)


@pytest.fixture(scope="session")
def image(engine: Engine, base_image: str) -> BuiltImage:
    return build_image(ROOT, engine, base_image, name=IMAGE)


@pytest.fixture(scope="session")
def image_for_images(engine: Engine, base_image: str) -> BuiltImage:
    """For a model that takes image files."""
    name = "localhost/wherry-test:images"
    return build_image(ROOT, engine, base_image, name=name, extras=("image",))


@pytest.fixture
def published(tmp_path: Path) -> Published:
    tmp_path.chmod(0o755)  # the function is another user
    store = tmp_path / "store"
    artifact = scaled()
    ModelStore.open(str(store)).publish(artifact, now=datetime(2026, 1, 1, tzinfo=UTC))
    return Published(store, artifact)


@pytest.fixture
def function(engine: Engine, image: BuiltImage, published: Published) -> Iterator[Container]:
    with running(engine, image.name, published.environment, store=published.store) as container:
        yield container
