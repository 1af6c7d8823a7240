"""
One truth from preparation to the image: the golden examples, and a picture of a digit, are answered
there as they were where the model was made.
"""

import io
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from PIL import Image

from infra.local_aws.engine import Engine
from infra.packaging import BuiltImage, build_image
from tests.support.containers import ROOT, Container, running
from tests.support.events import Call, rest_api_v1
from tests.support.project import Project
from wherry.artifact import Artifact
from wherry.store import ModelStore
from wherry_control.golden import GoldenReplay
from wherry_control.releases import Release

pytestmark = pytest.mark.container

MODELS = ("digits", "topics", "iris-ensemble")
MEMBERS = ("iris", "iris-linear")


@dataclass(frozen=True)
class InContainer:
    """Lambda's invoke, of the one release that a container runs."""

    container: Container

    def invoke(self, _: str, __: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.container.invoke(event)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A checkout in which models of images, of text and of other models were published."""
    folder = tmp_path_factory.mktemp("golden")
    folder.chmod(0o755)  # the function is another user
    project = Project.copy(folder / "checkout")
    for model in (*MEMBERS, *MODELS):
        if model != "iris-ensemble":
            project.wherry("train", model)
        project.wherry("prepare", model)
    for model in MODELS:
        project.wherry("publish", model)
    return project


@pytest.fixture(scope="module")
def image_for_all(engine: Engine, base_image: str) -> BuiltImage:
    name = "localhost/wherry-test:all"
    return build_image(ROOT, engine, base_image, name=name, extras=("image", "text"))


def published(project: Project, model: str) -> Artifact:
    """What `wherry publish` has put into the checkout's own store."""
    store = ModelStore.open(str(project.root / ".wherry" / "store"))
    return store.load(store.versions(model)[-1].digest)


def container(
    engine: Engine, image: BuiltImage, project: Project, artifact: Artifact
) -> AbstractContextManager[Container]:
    variables = {
        "WHERRY_MODEL": artifact.manifest.model,
        "WHERRY_MODEL_VERSION": "1",
        "WHERRY_DIGEST": artifact.digest,
        "WHERRY_STORE": "/store",
    }
    store = project.root / ".wherry" / "store"
    return running(engine, image.name, variables, store=store)


@pytest.mark.parametrize("model", MODELS)
def test_the_golden_examples_are_answered_in_the_image_as_in_preparation(
    engine: Engine, image_for_all: BuiltImage, project: Project, model: str
) -> None:
    artifact = published(project, model)

    with container(engine, image_for_all, project, artifact) as function:
        functions: Any = InContainer(function)  # of all that there is, a replay only invokes
        passed = GoldenReplay(functions=functions, load=lambda _: artifact)(
            model, model, Release("1", 1, artifact.digest, *[""] * 5)
        )

    assert passed == len(json.loads(artifact.files["golden.json"])["examples"])


def test_a_picture_is_answered_in_the_image_as_its_pixels_are(
    engine: Engine, image_for_all: BuiltImage, project: Project
) -> None:
    artifact = published(project, "digits")
    pixels = np.array(
        json.loads(artifact.files["golden.json"])["examples"][0]["inputs"]["image"], np.uint8
    )[0]
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    tensor = {"name": "image", "datatype": "UINT8", "shape": [1, 8, 8],
              "data": pixels.ravel().tolist()}  # fmt: skip
    calls = (
        Call("POST", "/predict/digits", file.getvalue(), {"content-type": "image/png"}),
        Call("POST", "/v2/models/digits/infer", json.dumps({"inputs": [tensor]}).encode()),
    )

    with container(engine, image_for_all, project, artifact) as function:
        plain, protocol = (json.loads(function.invoke(rest_api_v1(c))["body"]) for c in calls)

    told = {output["name"]: output["data"] for output in protocol["outputs"]}
    assert plain["prediction"]["label"] == told["label"][0]
    assert list(plain["prediction"]["probabilities"].values()) == told["probabilities"]
