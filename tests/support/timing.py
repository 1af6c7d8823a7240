"""
Time as a ratio, never in seconds: a thing and its baseline by turns in one run, the best of each.

A shared machine is slow for a while and then quick again. Turns give both the same weather, the
best try is the least disturbed one, and a ratio that is too high is measured again, some times.
"""

import os
import subprocess
import time
from collections.abc import Callable, Sequence

TRIES = 5
AGAIN = 4


def command(words: Sequence[str]) -> float:
    """Seconds of a whole process that must succeed."""
    environ = {**os.environ, "ORT_DISABLE_TELEMETRY": "1"}
    began = time.perf_counter()
    subprocess.run(list(words), check=True, capture_output=True, env=environ)
    return time.perf_counter() - began


def best_ratio(
    measure: Callable[[], float], baseline: Callable[[], float], *, tries: int = TRIES
) -> float:
    """The best of one over the best of the other."""
    figures, baselines = zip(*((measure(), baseline()) for _ in range(tries)), strict=True)
    return min(figures) / min(baselines)


def lowest(limit: float, ratio: Callable[[], float]) -> float:
    """The first ratio that keeps the limit, or the lowest of all tries if none does."""
    found = ratio()
    for _ in range(AGAIN):
        if found <= limit:
            break
        found = min(found, ratio())
    return found
