"""`make source-NAME`, the command that a message names, leaves what the next command looks for."""

import shutil
import subprocess
from pathlib import Path


def test_the_mark_of_an_environment_is_kept(root: Path, tmp_path: Path) -> None:
    """Make removes what no rule names, as a step on the way; TensorFlow is named by none."""
    shutil.copy(root / "Makefile", tmp_path)
    shutil.copytree(root / "requirements", tmp_path / "requirements")

    told = subprocess.run(
        ["make", "--dry-run", "source-tensorflow"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    assert "touch .wherry/tools/source-tensorflow/.ready" in told
    assert "rm .wherry" not in told
