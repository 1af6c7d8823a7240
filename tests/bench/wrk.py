"""Load on a server of this machine, by wrk, and how it bears it."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).parent / "servers" / "post.lua"
MISSING = "wrk is not here (`apt-get install wrk` on Debian, `brew install wrk` on macOS): skipped."
_MILLISECONDS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass(frozen=True)
class Load:
    """What the clients saw: answers a second, and the 99th percentile of their waiting."""

    per_second: float
    p99_ms: float


def is_here() -> bool:
    return shutil.which("wrk") is not None


def load(url: str, body: bytes, connections: int, seconds: float) -> Load:
    """Keep-alive connections, each asking again as soon as it is answered."""
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--latency", "-s", str(SCRIPT), url],
        env={**os.environ, "WRK_BODY": body.decode()},
        capture_output=True,
        text=True,
        check=True,
    )
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(f"{url} did not answer every request:\n{done.stdout}")
    value, unit = _found(r"99%\s+([\d.]+)(us|ms|s|m)\b", done.stdout)
    return Load(float(_found(r"Requests/sec:\s+([\d.]+)", done.stdout)[0]),
                float(value) * _MILLISECONDS[unit])  # fmt: skip


def _found(pattern: str, text: str) -> tuple[str, ...]:
    found = re.search(pattern, text)
    if found is None:
        raise RuntimeError(f"wrk did not tell {pattern!r}:\n{text}")
    return found.groups()
