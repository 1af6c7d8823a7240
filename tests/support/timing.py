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


def by_turns(*measures: Callable[[], float], tries: int = TRIES) -> list[list[float]]:
    """Each measure's figures: all are tried once, then all again."""
    rounds = [[measure() for measure in measures] for _ in range(tries)]
    return [list(figures) for figures in zip(*rounds, strict=True)]


def best_ratio(
    measure: Callable[[], float], baseline: Callable[[], float], *, tries: int = TRIES
) -> float:
    """The best of one over the best of the other."""
    figures, baselines = by_turns(measure, baseline, tries=tries)
    return min(figures) / min(baselines)


def lowest(limit: float, ratio: Callable[[], float]) -> float:
    """The first ratio that keeps the limit, or the lowest of all tries if none does."""
    found = ratio()
    for _ in range(AGAIN):
        if found <= limit:
            break
        found = min(found, ratio())
    return found
