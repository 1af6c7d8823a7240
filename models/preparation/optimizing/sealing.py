"""The artifact again, with the chosen model in it, and the golden examples asked of it."""

from pathlib import Path

import msgspec
import onnx

from models.preparation.converted import Chosen
from models.preparation.optimize import opsets
from models.preparation.optimizing.subject import Made
from wherry.artifact import Artifact
from wherry.manifest import MANIFEST, MODEL


def resealed(sealed: Artifact, made: Made, variant: str) -> Artifact:
    """All else stays as it was prepared."""
    manifest = msgspec.structs.replace(
        sealed.manifest,
        variant=variant,
        optimized=made.optimized,
        opsets=opsets(made.model),
        ir_version=onnx.load_from_string(made.model).ir_version,
    )
    files = {name: data for name, data in sealed.files.items() if name != MANIFEST}
    return Artifact.seal(manifest, {**files, MODEL: made.model})


def reseal(folder: Path, build: Path, made: Made, variant: str) -> Artifact:
    """Prepare again, with this model; raise if its certificate or a golden example fails."""
    from models.preparation.preparing import prepare

    return prepare(folder, build, Chosen(variant, made))
