"""The artifact with another model in it: to be tried, or to be sealed with all that is asked."""

from pathlib import Path

import msgspec
import onnx

from models.preparation.converted import Chosen
from models.preparation.optimize import opsets
from models.preparation.optimizing.subject import Made
from models.preparation.preparing import prepare
from wherry.artifact import Artifact
from wherry.manifest import MANIFEST, MODEL


def resealed(sealed: Artifact, made: Made, variant: str) -> Artifact:
    """To be tried: all else is as it was prepared."""
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
    """Prepare again, with this in place of fp32; raise as preparation does."""
    return prepare(folder, build, Chosen(variant, made))
