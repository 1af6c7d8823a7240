"""
The real handler in an interpreter of its own, as Lambda runs it: import once, then one event after
another. What it prints is kept as CloudWatch would.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent

_BOOTSTRAP = """
import json, sys
from functions.inference.api import handler
events = json.load(sys.stdin)
with open(sys.argv[1], "w") as replies:
    json.dump([handler(event, None) for event in events], replies)
"""


@dataclass(frozen=True)
class Run:
    """`replies` are the function's answers; `lines` what it printed to stdout."""

    replies: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    stderr: str


def python(
    code: str, *arguments: str, environment: Mapping[str, str], told: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `code` in a fresh interpreter that has this environment and no other variable of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        input=told,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def invoke(
    events: Sequence[Mapping[str, Any]], environment: Mapping[str, str], folder: Path
) -> Run:
    """Start the function, send it the events, and stop it."""
    file = folder / "replies.json"
    done = python(_BOOTSTRAP, str(file), environment=environment, told=json.dumps(events))
    assert done.returncode == 0, done.stderr
    return Run(
        json.loads(file.read_text(encoding="utf-8")),
        [json.loads(line) for line in done.stdout.splitlines()],
        done.stderr,
    )
