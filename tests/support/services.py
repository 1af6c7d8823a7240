"""A tiny model as a service in this process, or published as a release for another process."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.onnx_models import scaled
from wherry.artifact import Artifact
from wherry.evidence import Prediction
from wherry.release import Release
from wherry.service import Service
from wherry.store import ModelStore

NOW = datetime(2026, 7, 1, tzinfo=UTC)


class Kept:
    """Evidence that a test can look at."""

    def __init__(self) -> None:
        self.predictions: list[Prediction] = []

    def record(self, prediction: Prediction) -> None:
        self.predictions.append(prediction)


def service_of(artifact: Artifact | None = None, **options: Any) -> Service:
    """Without `artifact`, the `scaled` model, as model version 1 in Lambda version 7."""
    artifact = artifact or scaled()
    release = Release(artifact.manifest.model, 1, "7", artifact.digest)
    return Service(artifact, release, **options)


def published(store: Path, artifact: Artifact | None = None) -> Mapping[str, str]:
    """The environment of the release that serves `artifact` from a directory store."""
    version = ModelStore.open(str(store)).publish(artifact or scaled(), now=NOW)
    return {
        "WHERRY_MODEL": version.model,
        "WHERRY_MODEL_VERSION": str(version.version),
        "WHERRY_DIGEST": version.digest,
        "WHERRY_STORE": str(store),
        "AWS_LAMBDA_FUNCTION_VERSION": "7",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    }
