"""`make source-NAME`, the command that a message names, leaves what the next command looks for."""

import subprocess
from pathlib import Path


def test_the_mark_of_an_environment_is_kept(root: Path) -> None:
    """make removes what it takes for a step on the way."""
    lock = "requirements/source-catboost.txt"

    told = subprocess.run(
        ["make", "--dry-run", "--what-if", lock, "source-catboost"],
        cwd=root, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    assert "touch .wherry/tools/source-catboost/.ready" in told
    assert "rm " not in told
