"""
Preparing: convert, prove, seal.

Nothing is sealed before the converted model has answered like the trained one on every held-out
row, and has passed the golden examples in the very service that serves. What is handed on to be
published is that, to the byte, and only while the model's folder still says the same.
"""

import json
from pathlib import Path
from typing import Any

from models.preparation.agreement import PARITY
from models.preparation.build import keep_artifact, read_artifact
from models.preparation.cards.bom import BOM, bom
from models.preparation.composing import composing
from models.preparation.config import ModelConfig, read_config
from models.preparation.converted import REPORT, Chosen, converted, gates_of
from models.preparation.golden import read_golden, replay
from models.preparation.parity.certificate import Certificate
from models.preparation.parity.report import text
from models.preparation.slicing import sliced as slicing
from models.preparation.subjects import sha256_of
from wherry.artifact import Artifact
from wherry.errors import ConfigurationError, UsageError
from wherry.manifest import GOLDEN, Manifest

CARD = "CARD.md"


def prepare(folder: Path, build: Path, chosen: Chosen | None = None) -> Artifact:
    """
    Make the artifact of what is in `build`; raise if it is not fit to be published.

    `chosen` is a variant that was made of the model, to be sealed in its place.
    """
    config = read_config(folder)
    golden, golden_bytes = read_golden(folder)
    card = _card(folder)
    manifest, files = _made(config, build, chosen)
    files = {**files, GOLDEN: golden_bytes, CARD: card}
    artifact = Artifact.seal(manifest, {**files, BOM: bom(manifest, files)})
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


def tried(artifact: Artifact) -> list[str]:
    """Which rows the certificate tried, in lines; none of a model that is made of others."""
    if REPORT not in artifact.files:
        return []
    return text(Certificate.model_validate_json(artifact.files[PARITY]))


def _made(
    config: ModelConfig, build: Path, chosen: Chosen | None
) -> tuple[Manifest, dict[str, bytes]]:
    if config.compose is not None:
        return composing.composed(config, config.compose, build)
    if config.slice is not None:
        return slicing.sliced(config, config.slice, build)
    return converted(config, build, chosen)


def _says_otherwise(config: ModelConfig, artifact: Artifact, build: Path) -> bool:
    """Whether model.toml, or what the model is made of, is not what was sealed."""
    told, steps = artifact.manifest, config.steps
    if (told.task, told.licence) != (config.model.task, config.model.licence):
        return True
    if config.optimize.use not in (None, told.variant):
        return True
    if config.compose is not None or config.slice is not None:
        return (
            told.parity.tolerance != config.prepare.closeness
            or config.features not in ((), told.features)
            or _is_stale(config, artifact, build)
        )
    certified = json.loads(artifact.files[PARITY])
    if certified.get("gates", told.parity.tolerance) != _gates(config, told.variant, certified):
        return True
    sealed = (told.features, told.image, certified["steps"])
    return sealed != (config.features, steps.image, steps.told()) or _is_another(config, told)


def _gates(config: ModelConfig, variant: str, certified: dict[str, Any]) -> Any:
    """What [prepare] asks for now, as the certificate would tell it."""
    if "gates" not in certified:
        return config.prepare.closeness
    judged = certified["metric"] is not None
    return gates_of(config, certified["family"], variant, judged).told()


def _is_another(config: ModelConfig, told: Manifest) -> bool:
    """Whether the file that [source] names is not the one that was converted."""
    source = config.source
    if source is None or source.file is None:
        return told.source is not None
    file = config.path.parent / source.file
    return told.source is None or told.source.sha256 != sha256_of(file)


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
