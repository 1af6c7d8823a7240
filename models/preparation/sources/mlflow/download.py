"""
A model of MLflow's registry or of one of its runs, fetched by MLflow's own client.

The client runs in its own environment, as whoever runs the command: with their network and their
credentials. It downloads and does no more; what came is read by `folders`.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.preparation.sources.environments import TOOLS, python_of
from wherry.errors import ToolError, UsageError

FETCH = Path(__file__).with_name("fetch.py")
SECONDS = 1800.0
TRACKING = "MLFLOW_TRACKING_URI"


@dataclass(frozen=True)
class Downloaded:
    """A folder, and the tags of the run that made it, which are not in it."""

    folder: Path
    tags: dict[str, str]


def download(
    uri: str,
    tracking_uri: str | None,
    to: Path,
    tools: Path = TOOLS,
    environ: Mapping[str, str] = os.environ,
) -> Downloaded:
    """
    `uri` is `models:/name/3`, `models:/name@alias` or `runs:/id/model`.

    Raise UsageError if there is no such model, or nobody answers.
    """
    tracking_uri = tracking_uri or environ.get(TRACKING)
    if tracking_uri is None:
        raise UsageError(
            uri, "nobody says which MLflow has it", f"Give --tracking-uri, or {TRACKING}."
        )
    python = python_of("mlflow", tools)
    done = _run([str(python), "-I", str(FETCH), uri, str(to), tracking_uri], environ)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it said nothing"]
        raise ToolError("MLflow's client", f"it ended with {done.returncode}: {lines[-1][-300:]}")
    told = json.loads(done.stdout.splitlines()[-1])
    if "error" in told:
        what = f"MLflow cannot fetch it: {told['error']}".rstrip(".")
        raise UsageError(uri, what, f"See that {tracking_uri} has it, and that you may read it.")
    return Downloaded(Path(told["folder"]), told["tags"])


def _run(words: list[str], environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            words, env=dict(environ), capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ToolError(
            "MLflow's client", f"it is not done after {SECONDS:g} seconds", "Try again."
        ) from error
