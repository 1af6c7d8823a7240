"""Clients in environments of their own: `.wherry/tools/clients-…`, made by `make setup`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BELOW_313 = {"mlserver"}
ROOT = Path(__file__).resolve().parents[2]


def run_client(name: str, words: list[str], *, told: str = "") -> str:
    """Run `words` by that environment's Python; what it printed. It sees loopback, and no proxy."""
    if name in BELOW_313 and sys.version_info >= (3, 13):
        pytest.skip(f"{name} takes no Python above 3.12")
    python = ROOT / f".wherry/tools/clients-{name}/bin/python"
    assert python.exists(), f"{name} is not installed: run `make setup`"
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [str(python), *words], input=told, env=environment, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
