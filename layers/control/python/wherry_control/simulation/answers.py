"""
What a model answers, as one table of probabilities: input bins on its axes, the answer on the last.

It is all that a judge can see of answers: which bin each input column was in, and which bin of the
output came with it. Stable and candidate get the same inputs; what they make of them may differ.

Two columns stand for all: `told`, which tells what the answer should be, and `noise`, which does
not. Classes are normal in `told`, and scores too; its bins are the quarters of a standard normal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COLUMNS = ("told", "noise")
BINS = 4
ACCURACY = 0.95
APART = 1.5  # how far the classes lie from each other in `told`, in standard deviations
SCORES = 10
NORMAL = NormalDist()


@dataclass(frozen=True)
class Answers:
    """`joint` is told by noise by answer, and sums to 1; `names` are the answers' bins."""

    names: tuple[str, ...]
    joint: Floats


def classes(mix: Sequence[float], *, order: Sequence[int] = (), retrained: float = 0.0) -> Answers:
    """
    A classifier that is right for `ACCURACY` of the rows, on classes that come as `mix` says.

    `order` says which label it gives instead of each: (1, 0, 2) has two of three swapped.
    `retrained` is the share of rows that get another label than before, each of the others alike.
    """
    count = len(mix)
    means = [APART * (label - (count - 1) / 2) for label in range(count)]
    told = np.array([_quarters(mean) for mean in means])
    right = _confusion(count, ACCURACY) @ _confusion(count, 1 - retrained)
    given = right[:, np.argsort(order)] if order else right
    joint = np.einsum("k,ka,kl->al", np.asarray(mix), told, given)
    return Answers(tuple(f"class {label}" for label in range(count)), _with_noise(joint))


def scores(shift: float = 0.0) -> Answers:
    """
    A regression, its scores in ten bins that stable fills alike; the candidate's lie higher.

    `shift` is in standard deviations of the score, which goes with `told` at a correlation of 0.8.
    """
    grid = [NORMAL.inv_cdf((step + 0.5) / 1000) for step in range(1000)]
    inner = NormalDist(sigma=0.6)
    edges = [-inf, *(NORMAL.inv_cdf(step / SCORES) for step in range(1, SCORES)), inf]
    joint = np.zeros((BINS, SCORES))
    for step, value in enumerate(grid):
        reached = [_cdf(inner, edge - 0.8 * value - shift) for edge in edges]
        joint[step * BINS // len(grid)] += np.diff(reached) / len(grid)
    return Answers(tuple(f"score {step}" for step in range(SCORES)), _with_noise(joint))


def two_labels(more: float = 0.0) -> Answers:
    """Two labels, whatever was asked; the first comes for half of them and `more`."""
    shares = np.array([0.5 + more, 0.5 - more])
    return Answers(("yes", "no"), _with_noise(np.tile(shares / BINS, (BINS, 1))))


def _quarters(mean: float) -> Floats:
    edges = [NORMAL.inv_cdf(step / BINS) for step in range(1, BINS)]
    return np.diff([0.0, *(NORMAL.cdf(edge - mean) for edge in edges), 1.0])


def _confusion(count: int, kept: float) -> Floats:
    """Each label as it is with probability `kept`, else any other."""
    other = (1 - kept) / (count - 1)
    return np.full((count, count), other) + (kept - other) * np.eye(count)


def _with_noise(joint: Floats) -> Floats:
    """A second column, of even quarters, that tells nothing."""
    return np.repeat(joint[:, None, :], BINS, axis=1) / BINS


def _cdf(normal: NormalDist, value: float) -> float:
    return float(value > 0) if abs(value) == inf else normal.cdf(value)
