"""What is written in two places is the same in both."""

import tomllib
from pathlib import Path

from wherry import __version__


def test_the_data_plane_has_the_projects_version(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert __version__ == project["version"]
