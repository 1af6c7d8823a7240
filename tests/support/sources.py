"""Where the frameworks of sources are."""

import os
import subprocess
from pathlib import Path

import pytest

from models.preparation.sandbox.start import PATHS
from models.preparation.sources.environments import Group, python_of
from wherry.errors import ToolError


def needs_source(group: Group) -> Path:
    """
    That environment's Python; skip where it is absent, fail with WHERRY_REQUIRE_SOURCES=1.

    TensorFlow's is too large to be required of every machine.
    """
    try:
        return python_of(group)
    except ToolError as error:
        if os.environ.get("WHERRY_REQUIRE_SOURCES") == "1" and group != "tensorflow":
            raise
        pytest.skip(str(error))


def run_in(group: Group, module: str, *words: str) -> str:
    """What `python -m module words` prints in that environment."""
    done = subprocess.run(
        [str(needs_source(group)), "-m", module, *words],
        env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(map(str, PATHS))},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
