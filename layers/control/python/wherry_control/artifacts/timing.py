"""
How long one row takes, of two artifacts on this machine: by turns, so that both had the same luck.

An artifact holds no times: they are of a machine. It is a first look and no benchmark.
"""

from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter

from wherry.artifact import Artifact
from wherry.release import Release
from wherry.service import Service
from wherry.warm_up import example_inputs

ROUNDS = 200


def one_row(
    artifacts: Sequence[Artifact],
    *,
    rounds: int = ROUNDS,
    clock: Callable[[], float] = perf_counter,
) -> list[float]:
    """The median milliseconds of each, for its own example, on one thread."""
    asked = [(_service(each), example_inputs(each.manifest)) for each in artifacts]
    times: list[list[float]] = [[] for _ in artifacts]
    for _ in range(rounds):
        for kept, (service, inputs) in zip(times, asked, strict=True):
            started = clock()
            service.predict(inputs)
            kept.append(clock() - started)
    return [median(kept) * 1000 for kept in times]


def _service(artifact: Artifact) -> Service:
    return Service(artifact, Release(artifact.manifest.model, 0, "timed", artifact.digest))
