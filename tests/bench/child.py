"""Starting an interpreter for a measurement, in the environment of a release, and reading it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from tests.support.project import ROOT


def environment_of(release: Mapping[str, str]) -> dict[str, str]:
    """As Lambda would have it: the release's variables, and none of whoever measures."""
    kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    return {**kept, "PYTHONPATH": path, "ORT_DISABLE_TELEMETRY": "1", **release}


def told_by(module: str, *arguments: str, release: Mapping[str, str]) -> Any:
    """What `python -m tests.bench.children.MODULE` writes to stderr."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.children.{module}", *arguments],
        cwd=ROOT,
        env=environment_of(release),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return json.loads(done.stderr)
