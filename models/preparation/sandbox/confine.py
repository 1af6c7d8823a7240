"""Give up, in this process and all that it starts, what opening a model does not need."""

import resource
from pathlib import Path

from models.preparation.sandbox.limits import Limits


def confine(limits: Limits, folder: Path, readable: tuple[Path, ...]) -> None:
    """Raise ToolError where this machine cannot do it."""
    del folder, readable
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.disk_bytes, limits.disk_bytes))
