"""
The build folder of a model, `.wherry/build/<model>`, between two commands.

Training writes the model, the rows that it learnt, those that it never saw and, last,
`training.json`; preparing writes the sealed files and, last, `prepared.json` with their digest. A
command that is killed leaves one of the two records missing, and so nothing that the next command
would take for finished.
"""

import json
import shutil
from pathlib import Path

from wherry.artifact import Artifact
from wherry.errors import IntegrityError, UsageError

ESTIMATOR = "estimator.skops"
NETWORK = "network.pt2"
HELD_OUT = "held_out.npz"
LEARNT = "learnt.npz"
TRAINED = "training.json"
ARTIFACT = "artifact"
PREPARED = "prepared.json"


def build_folder(root: Path, model: str) -> Path:
    """Where a checkout keeps what it builds of a model."""
    return root / ".wherry" / "build" / model


def forget(build: Path) -> None:
    """Nothing that was trained or prepared before counts from now on."""
    for name in (PREPARED, TRAINED):
        (build / name).unlink(missing_ok=True)
    build.mkdir(parents=True, exist_ok=True)


def keep_artifact(artifact: Artifact, build: Path) -> None:
    """Replace the prepared artifact."""
    (build / PREPARED).unlink(missing_ok=True)
    shutil.rmtree(build / ARTIFACT, ignore_errors=True)
    (build / ARTIFACT).mkdir(parents=True)
    for name, data in artifact.files.items():
        (build / ARTIFACT / name).write_bytes(data)
    (build / PREPARED).write_text(json.dumps({"digest": artifact.digest}) + "\n")


def read_artifact(model: str, build: Path) -> Artifact:
    """Raise UsageError, with the command to run, unless it is the one that was prepared."""
    todo = f"Run `wherry prepare {model}`."
    try:
        digest = json.loads((build / PREPARED).read_bytes())["digest"]
        files = {path.name: path.read_bytes() for path in (build / ARTIFACT).iterdir()}
    except (FileNotFoundError, ValueError, TypeError, KeyError) as error:
        raise UsageError(model, "nothing is prepared", todo) from error
    try:
        artifact = Artifact.verified(digest, files)
    except IntegrityError as error:
        altered = f"{error.where} was altered after it was prepared"
        raise UsageError(str(build / ARTIFACT), altered, todo) from error
    if not artifact.is_complete:
        raise UsageError(str(build / ARTIFACT), "a file is gone from it", todo)
    return artifact
