"""
Training in the environment of a framework: the same `train`, by that environment's Python.

The script is the author's own, so it runs as they are: with their files, network and credentials.
What goes wrong there is told here as if it had been here.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from models.preparation.build import TRAINED
from models.preparation.carried import raised, told
from models.preparation.sandbox.start import PATHS
from models.preparation.sources.environments import Group, python_of
from wherry.errors import ToolError, WherryError

if TYPE_CHECKING:
    from models.preparation.training import TrainingRecord

MARK = "WHERRY_TRAINS_IN"


def trains_here(environment: Group) -> bool:
    """Whether this is the process that was started for it."""
    return os.environ.get(MARK) == environment


def train_elsewhere(
    environment: Group, folder: Path, build: Path, options: Mapping[str, Any]
) -> "TrainingRecord":
    """Raise what `train` raised there."""
    from models.preparation.training import TrainingRecord

    with TemporaryDirectory(prefix="wherry-") as scratch:
        fault = Path(scratch) / "error.json"
        asked = json.dumps([str(folder), str(build), dict(options), environment, str(fault)])
        done = subprocess.run(
            [str(python_of(environment)), "-P", "-m", "models.preparation.elsewhere", asked],
            env={**os.environ, MARK: environment, "PYTHONPATH": os.pathsep.join(map(str, PATHS))},
            stdout=sys.stderr.fileno(),  # stdout is for results
            check=False,
        )
        if fault.is_file():
            raise raised(json.loads(fault.read_bytes()))
    if done.returncode:
        raise ToolError(f"training in {environment}", f"it ended with {done.returncode}")
    return TrainingRecord.model_validate_json((build / TRAINED).read_bytes())


def _main() -> None:
    from models.preparation.training import train

    folder, build, options, environment, fault = json.loads(sys.argv[1])
    try:
        train(Path(folder), Path(build), options, environment)
    except WherryError as error:
        Path(fault).write_text(json.dumps(told(error)))


if __name__ == "__main__":
    _main()
