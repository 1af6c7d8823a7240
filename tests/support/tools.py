"""Clients in environments of their own: `.wherry/tools/clients-…`, made by `make setup`."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run_client(name: str, words: list[str], *, told: str = "") -> str:
    """Run `words` by that environment's Python; what it printed. It sees loopback, and no proxy."""
    python = ROOT / f".wherry/tools/clients-{name}/bin/python"
    if not python.exists():
        pytest.skip(f"{name} is not installed: `make setup` does, where this Python suits it")
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [str(python), *words], input=told, env=environment, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
