"""
Which tests go to one process when several work side by side: those of a file, and those of a folder
whose set-up (a deployed stack, an image, a browser) is shared and dear.
"""

from pathlib import PurePosixPath

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = (
    "tests/clients",
    "tests/container",
    "tests/e2e",
    "tests/functional/bundling",
    "tests/functional/console",
    "tests/infra",
)


def together(nodeid: str) -> str:
    """What the tests are called that share a process with this one."""
    file = PurePosixPath(nodeid.split("::", maxsplit=1)[0])
    return next((folder for folder in TOGETHER if file.is_relative_to(folder)), str(file))


class SideBySide(LoadScopeScheduling):  # type: ignore[misc]
    """In the order in which they were collected: what takes longest comes first."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid)
