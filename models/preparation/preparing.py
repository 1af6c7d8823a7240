"""
Preparing: convert, prove, seal.

Nothing is sealed before the converted model has answered like the trained one on every held-out
row, and has passed the golden examples in the very service that serves. What is handed on to be
published is that, to the byte, and only while the model's folder still says the same.
"""

import json
from pathlib import Path

from models.preparation.agreement import PARITY
from models.preparation.build import keep_artifact, read_artifact
from models.preparation.composing import composing
from models.preparation.config import ModelConfig, read_config
from models.preparation.converted import converted
from models.preparation.golden import read_golden, replay
from models.preparation.slicing import sliced as slicing
from wherry.artifact import Artifact
from wherry.errors import ConfigurationError, UsageError
from wherry.manifest import GOLDEN, Manifest

CARD = "CARD.md"


def prepare(folder: Path, build: Path) -> Artifact:
    """Make the artifact of what is in `build`; raise if it is not fit to be published."""
    config = read_config(folder)
    golden, golden_bytes = read_golden(folder)
    card = _card(folder)
    manifest, files = _made(config, build)
    artifact = Artifact.seal(manifest, {**files, GOLDEN: golden_bytes, CARD: card})
    replay(golden, artifact, folder)
    keep_artifact(artifact, build)
    return artifact


def prepared(folder: Path, build: Path) -> Artifact:
    """The artifact to publish; raise UsageError if it must be prepared (again)."""
    config = read_config(folder)
    artifact = read_artifact(config.model.name, build)
    now = {GOLDEN: read_golden(folder)[1], CARD: _card(folder)}
    changed = [name for name, data in now.items() if artifact.files.get(name) != data]
    if _says_otherwise(config, artifact, build):
        changed.append(config.path.name)
    if changed:
        raise UsageError(
            str(folder / changed[0]),
            "it was changed after the model was prepared",
            f"Run `wherry prepare {config.model.name}`.",
        )
    return artifact


def _made(config: ModelConfig, build: Path) -> tuple[Manifest, dict[str, bytes]]:
    if config.compose is not None:
        return composing.composed(config, config.compose, build)
    if config.slice is not None:
        return slicing.sliced(config, config.slice, build)
    return converted(config, build)


def _says_otherwise(config: ModelConfig, artifact: Artifact, build: Path) -> bool:
    """Whether model.toml, or what the model is made of, is not what was sealed."""
    told, steps = artifact.manifest, config.steps
    if (told.task, told.parity.tolerance) != (config.model.task, config.prepare.closeness):
        return True
    if config.compose is not None or config.slice is not None:
        return config.features not in ((), told.features) or _is_stale(config, artifact, build)
    certified = json.loads(artifact.files[PARITY])["steps"]
    sealed = (told.features, told.image, certified)
    return sealed != (config.features, steps.image, steps.told())


def _is_stale(config: ModelConfig, artifact: Artifact, build: Path) -> bool:
    if config.compose is not None:
        return composing.is_stale(config.compose, artifact, build)
    return config.slice is not None and slicing.is_stale(config.slice, artifact, build)


def _card(folder: Path) -> bytes:
    try:
        return (folder / CARD).read_bytes()
    except FileNotFoundError as error:
        raise ConfigurationError(
            str(folder / CARD),
            "there is no such file",
            "Say what the model is for, what it learnt from, and where it fails.",
        ) from error
